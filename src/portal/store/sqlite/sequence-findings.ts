import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import type { Marked } from '../../policies/judge.ts';
import type { Severity } from '../../policies/policy.ts';
import type { ReadySequence } from '../../policies/rule-set.ts';
import { type Chain, chainsOf, MAX_MARKS } from '../../policies/sequences.ts';
import { detectionId } from '../judging-bounds.ts';
import { evidenceOf, type KnownDetection, type MarkRow, toMark } from '../sequence-marks.ts';
import { addDetection, addStep, NEXT_STEP } from './detections.ts';

/**
 * Keeps which events are which steps, and brings the detections of every rule and session that got a new mark into line with
 * all marks it has now. Answers the new detections.
 */
export function keepMarks(
  database: Database,
  org: string,
  marks: readonly Marked[],
  at: string,
  retrospective: boolean,
): { id: string; severity: Severity }[] {
  const insert = database.prepare(
    `INSERT INTO marks (org_id, session_id, rule_id, rule_version, step, event_id, turn, ordinal, time, keys)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const touched = new Map<string, { sequence: ReadySequence; session: string }>();
  for (const { sequence, step, event, keys } of marks) {
    const { session, turn, source, time } = event;
    const place = [sequence.id, sequence.version, step, event.id, turn === null ? null : JSON.stringify(turn)];
    const { changes } = insert.run(org, session.id, ...place, source.ordinal, time, JSON.stringify(keys));
    if (changes > 0) touched.set(`${sequence.id} ${session.id}`, { sequence, session: session.id });
  }
  return [...touched.values()].flatMap(({ sequence, session }) =>
    settle(database, org, sequence, session, at, retrospective),
  );
}

function settle(
  database: Database,
  org: string,
  sequence: ReadySequence,
  session: string,
  at: string,
  retrospective: boolean,
): { id: string; severity: Severity }[] {
  const rows = database
    .prepare(
      `SELECT step, event_id, turn, ordinal, time, keys FROM marks
       WHERE org_id = ? AND session_id = ? AND rule_id = ? AND rule_version = ? ORDER BY ordinal DESC, event_id DESC, step DESC LIMIT ?`,
    )
    .all(org, session, sequence.id, sequence.version, MAX_MARKS) as unknown as MarkRow[];
  const chains = chainsOf(sequence.rule, rows.map(toMark));
  const wanted = new Map(
    chains.map((chain) => [detectionId(org, sequence.id, String(sequence.version), chain.anchor), chain]),
  );
  const known = knownDetections(database, org, sequence, session);
  // With marks left out, a chain that is not found any more may have lost them only to the bound.
  if (rows.length < MAX_MARKS)
    withdraw(
      database,
      org,
      known.filter(({ id }) => !wanted.has(id)),
      at,
    );
  return [...wanted].flatMap(([id, chain]) => {
    const found = known.find((each) => each.id === id);
    if (found !== undefined) return bringUpToDate(database, org, found, chain, at);
    const event = readEvent(database, org, chain.anchor);
    if (event === undefined) return [];
    addDetection(database, org, { id, policy: sequence, event, evidence: evidenceOf(chain), at, retrospective });
    return [{ id, severity: sequence.severity }];
  });
}

function knownDetections(
  database: Database,
  org: string,
  { id, version }: ReadySequence,
  session: string,
): KnownDetection[] {
  return database
    .prepare(
      `SELECT detection_id AS id, state, version, (SELECT count(*) FROM detection_history h WHERE h.org_id = d.org_id
         AND h.detection_id = d.detection_id AND h.by <> 'portal') AS touched FROM detections d
       WHERE org_id = ? AND session_id = ? AND policy_id = ? AND policy_version = ?`,
    )
    .all(org, session, id, version) as unknown as KnownDetection[];
}

function bringUpToDate(database: Database, org: string, known: KnownDetection, chain: Chain, at: string): [] {
  database
    .prepare('UPDATE detections SET evidence = ? WHERE org_id = ? AND detection_id = ?')
    .run(JSON.stringify(evidenceOf(chain)), org, known.id);
  if (known.state === 'withdrawn')
    move(database, org, known, 'open', 'It follows again from what has arrived since', at);
  return [];
}

/** A detection that nobody has looked at goes; where somebody has, the history says that it no longer follows. */
function withdraw(database: Database, org: string, gone: readonly KnownDetection[], at: string): void {
  for (const known of gone) {
    if (known.state === 'withdrawn') continue;
    const untouched = known.touched === 0;
    move(
      database,
      org,
      known,
      untouched ? 'withdrawn' : undefined,
      'It no longer follows from what has arrived since',
      at,
    );
  }
}

function move(
  database: Database,
  org: string,
  { id, version }: KnownDetection,
  state: 'open' | 'withdrawn' | undefined,
  note: string,
  at: string,
): void {
  database
    .prepare(
      `UPDATE detections SET version = version + 1, changed_at = ?, state = coalesce(?, state), step = ${NEXT_STEP} WHERE org_id = ? AND detection_id = ?`,
    )
    .run(at, state ?? null, org, id);
  addStep(database, org, id, {
    version: version + 1,
    at,
    by: 'portal',
    change: state === undefined ? {} : { state },
    note,
  });
}

function readEvent(database: Database, org: string, id: string): CapsuleEvent | undefined {
  const row = database.prepare('SELECT event FROM events WHERE org_id = ? AND event_id = ?').get(org, id);
  return row === undefined ? undefined : (JSON.parse(String(row.event)) as CapsuleEvent);
}
