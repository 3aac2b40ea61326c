import type { CapsuleEvent } from '../../../core/event.ts';
import type { Severity } from '../../policies/policy.ts';
import type { Judging } from '../../policies/stored.ts';
import { eventDigest } from '../chain-hash.ts';
import { EVENT_COLUMNS, eventRow } from '../event-row.ts';
import { removedHex } from '../removed-name.ts';
import { openChain } from './chain.ts';
import { type Database, type OfOrg, storableText } from './database.ts';
import { wordsOf } from './event-words.ts';
import { addToHours } from './hourly.ts';
import { insertAll } from './insert-all.ts';
import { keepInventory } from './inventory-items.ts';
import { judgeStored, type RuleCache } from './judging.ts';
import { addToSessions } from './session-sums.ts';
import { keepValues } from './values-seen.ts';

/**
 * Stores events and brings the tables that lists are read from up to date: turns, sessions, agents. Whoever else writes for this
 * organisation, on whichever replica, comes before or after. New events are judged in the same transaction.
 */
export function ingest(
  database: Database,
  org: string,
  { deviceId, events, at }: { deviceId: string; events: readonly CapsuleEvent[]; at: string },
  cache: RuleCache,
  judging: Judging | undefined,
): Promise<{ accepted: number; duplicates: number; detections: Severity[] }> {
  return database.writing(org, async (rows) => {
    const accepted = await insertNew(rows, events, at);
    if (accepted.length > 0) {
      await addToMonth(rows, accepted, at);
      await addToSessions(rows, accepted);
      for (const event of accepted) if (event.kind === 'session.started') await keepInventory(rows, event);
      await addToHours(rows, accepted);
      await keepValues(rows, accepted);
    }
    await touchAgent(rows, deviceId, events, accepted.length, at);
    const detections = await judgeStored(rows, cache, judging, { events: accepted, at });
    return { accepted: accepted.length, duplicates: events.length - accepted.length, detections };
  });
}

/** The types of what `eventRow` fills, but for the organisation and the place, which is the row's number here. */
const TYPES: Readonly<Record<string, string>> = {
  ...{
    ordinal: 'double precision',
    success: 'integer',
    exit_code: 'double precision',
    duration_ms: 'double precision',
  },
  seq: 'bigint',
};
const COLUMNS = Object.fromEntries(
  [...EVENT_COLUMNS.slice(1), 'words'].map((column) => {
    const name = column === 'user' ? 'user_name' : column === 'position' ? 'seq' : column;
    return [name, TYPES[name] ?? 'text'];
  }),
);
const ID = { event_id: 'text', seq: 'bigint', received_at: 'text' } as const;

/** Stores those that are not there and never were, each with its words and its link in the chain. */
async function insertNew(rows: OfOrg, events: readonly CapsuleEvent[], at: string): Promise<CapsuleEvent[]> {
  const ids = events.map(({ id }) => id);
  // Who sends again what retention took away must not bring it back.
  const known = await rows.all<{ id: string }>(
    `SELECT event_id AS id FROM event_ids WHERE org_id = $1 AND event_id = ANY(?::text[])
     UNION ALL SELECT s.id FROM unnest(?::text[], ?::text[]) AS s (id, name)
       JOIN removed_events r ON r.org_id = $1 AND r.name = decode(s.name, 'hex')`,
    [ids, ids, ids.map(removedHex)],
  );
  const seen = new Set(known.map(({ id }) => id));
  const accepted = events.filter(({ id }) => !seen.has(id) && seen.add(id));
  if (accepted.length === 0) return [];
  const chain = await openChain(rows);
  const places: { event_id: string; seq: number; received_at: string }[] = [];
  const stored = accepted.map((event) => {
    const json = storableText(JSON.stringify(event));
    const seq = chain.next();
    const [, ...values] = eventRow(rows.org, event, json, at, seq);
    chain.add('event', at, eventDigest(event.id, at, json));
    places.push({ event_id: event.id, seq, received_at: at });
    return Object.fromEntries([...values, wordsOf(event)].map((value, index) => [NAMES[index] ?? '', value]));
  });
  await insertAll(rows, 'events', COLUMNS, stored);
  await insertAll(rows, 'event_ids', ID, places);
  await chain.keep();
  return accepted;
}
const NAMES = Object.keys(COLUMNS);

/** Between which times of their own events lie that arrived this month (see `event-months.ts`). */
async function addToMonth(rows: OfOrg, events: readonly CapsuleEvent[], at: string): Promise<void> {
  const times = events.map(({ time }) => time).sort();
  await rows.run(
    `INSERT INTO event_months (org_id, month, first_time, last_time) VALUES ($1, ?, ?, ?)
     ON CONFLICT (org_id, month) DO UPDATE SET first_time = least(event_months.first_time, excluded.first_time),
       last_time = greatest(event_months.last_time, excluded.last_time)`,
    [at.slice(0, 7), times[0] ?? at, times.at(-1) ?? at],
  );
}

async function touchAgent(
  rows: OfOrg,
  deviceId: string,
  events: readonly CapsuleEvent[],
  accepted: number,
  at: string,
): Promise<void> {
  const newest = events
    .map(({ time }) => time)
    .sort()
    .at(-1);
  await rows.run(
    `UPDATE agents SET events = events + ?, last_event_at = greatest(coalesce(last_event_at, ''), ?), last_seen_at = ?
     WHERE org_id = $1 AND device_id = ?`,
    [accepted, newest ?? '', at, deviceId],
  );
}
