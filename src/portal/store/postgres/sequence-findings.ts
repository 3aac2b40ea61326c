import type { CapsuleEvent } from '../../../core/event.ts';
import type { Marked } from '../../policies/judge.ts';
import type { Severity } from '../../policies/policy.ts';
import type { ReadySequence } from '../../policies/rule-set.ts';
import { type Chain, chainsOf, MAX_MARKS } from '../../policies/sequences.ts';
import { detectionId } from '../judging-bounds.ts';
import { evidenceOf, type KnownDetection, type MarkRow, toMark } from '../sequence-marks.ts';
import type { OfOrg } from './database.ts';
import { addDetection, addStep, NEXT_STEP } from './detections.ts';
import { insertNew } from './insert-all.ts';

type Found = { id: string; severity: Severity };

/**
 * Keeps which events are which steps, and brings the detections of every rule and session that got a new mark into line with
 * all marks it has now. Answers the new detections.
 */
export async function keepMarks(
  rows: OfOrg,
  marks: readonly Marked[],
  at: string,
  retrospective: boolean,
): Promise<Found[]> {
  const each = marks.map(({ sequence, step, event, keys }) => ({
    ...{ session_id: event.session.id, rule_id: sequence.id, rule_version: sequence.version, step, event_id: event.id },
    ...{ turn: event.turn === null ? null : JSON.stringify(event.turn), ordinal: event.source.ordinal },
    ...{ time: event.time, keys: JSON.stringify(keys) },
  }));
  const added = await insertNew(rows, 'marks', MARK, each, ['rule_id', 'session_id']);
  const touched = new Map<string, { sequence: ReadySequence; session: string }>();
  for (const { rule_id, session_id } of added) {
    const sequence = marks.find((mark) => mark.sequence.id === rule_id)?.sequence;
    if (sequence !== undefined) touched.set(`${rule_id} ${session_id}`, { sequence, session: String(session_id) });
  }
  const found: Found[] = [];
  for (const { sequence, session } of touched.values()) {
    found.push(...(await settle(rows, sequence, session, at, retrospective)));
  }
  return found;
}

const MARK = {
  ...({ session_id: 'text', rule_id: 'text', rule_version: 'integer', step: 'integer', event_id: 'text' } as const),
  ...({ turn: 'text', ordinal: 'double precision', time: 'text', keys: 'text' } as const),
};

async function settle(
  rows: OfOrg,
  sequence: ReadySequence,
  session: string,
  at: string,
  retrospective: boolean,
): Promise<Found[]> {
  const marks = await rows.all<MarkRow>(
    `SELECT step, event_id, turn, ordinal, time, keys FROM marks
     WHERE org_id = $1 AND session_id = ? AND rule_id = ? AND rule_version = ?
     ORDER BY ordinal DESC, event_id DESC, step DESC LIMIT ?`,
    [session, sequence.id, sequence.version, MAX_MARKS],
  );
  const chains = chainsOf(sequence.rule, marks.map(toMark));
  const idOf = ({ anchor }: Chain) => detectionId(rows.org, sequence.id, String(sequence.version), anchor);
  const wanted = new Map(chains.map((chain) => [idOf(chain), chain]));
  const known = await knownDetections(rows, sequence, session);
  // With marks left out, a chain that is not found any more may have lost them only to the bound.
  if (marks.length < MAX_MARKS) for (const each of known) if (!wanted.has(each.id)) await withdraw(rows, each, at);
  const found: Found[] = [];
  for (const [id, chain] of wanted) {
    const stored = known.find((each) => each.id === id);
    if (stored !== undefined) {
      await bringUpToDate(rows, stored, chain, at);
      continue;
    }
    const event = await readEvent(rows, chain.anchor);
    if (event === undefined) continue;
    await addDetection(rows, { id, policy: sequence, event, evidence: evidenceOf(chain), at, retrospective });
    found.push({ id, severity: sequence.severity });
  }
  return found;
}

const knownDetections = (rows: OfOrg, { id, version }: ReadySequence, session: string) =>
  rows.all<KnownDetection>(
    `SELECT detection_id AS id, state, version, (SELECT count(*) FROM detection_history h WHERE h.org_id = d.org_id
       AND h.detection_id = d.detection_id AND h.by <> 'portal') AS touched FROM detections d
     WHERE org_id = $1 AND session_id = ? AND policy_id = ? AND policy_version = ?`,
    [session, id, version],
  );

async function bringUpToDate(rows: OfOrg, known: KnownDetection, chain: Chain, at: string): Promise<void> {
  await rows.run('UPDATE detections SET evidence = ? WHERE org_id = $1 AND detection_id = ?', [
    ...[JSON.stringify(evidenceOf(chain)), known.id],
  ]);
  if (known.state === 'withdrawn') await move(rows, known, 'open', 'It follows again from what has arrived since', at);
}

/** A detection that nobody has looked at goes; where somebody has, the history says that it no longer follows. */
async function withdraw(rows: OfOrg, known: KnownDetection, at: string): Promise<void> {
  if (known.state === 'withdrawn') return;
  const state = known.touched === 0 ? 'withdrawn' : undefined;
  await move(rows, known, state, 'It no longer follows from what has arrived since', at);
}

async function move(
  rows: OfOrg,
  { id, version }: KnownDetection,
  state: 'open' | 'withdrawn' | undefined,
  note: string,
  at: string,
): Promise<void> {
  await rows.run(
    `UPDATE detections SET version = version + 1, changed_at = ?, state = coalesce(?, state), step = ${NEXT_STEP}
     WHERE org_id = $1 AND detection_id = ?`,
    [at, state ?? null, id],
  );
  const change = state === undefined ? {} : { state };
  await addStep(rows, id, { version: version + 1, at, by: 'portal', change, note });
}

async function readEvent(rows: OfOrg, id: string): Promise<CapsuleEvent | undefined> {
  const row = await rows.get<{ event: string }>(
    `SELECT e.event FROM event_ids i JOIN events e ON e.org_id = i.org_id AND e.seq = i.seq AND e.received_at = i.received_at
     WHERE i.org_id = $1 AND i.event_id = ?`,
    [id],
  );
  return row === undefined ? undefined : (JSON.parse(row.event) as CapsuleEvent);
}
