import { type Database, inTransaction } from '../../../core/database.ts';
import { changesBetween } from '../../noted-act.ts';
import type { ActivePolicy, PackPolicy } from '../../policies/policy.ts';
import type { PolicyDraft, PolicyVersion } from '../../policies/records.ts';
import type { PolicyStore } from '../../policies/stored.ts';
import {
  draftRow,
  PACK_ACTOR,
  type PolicyRow,
  packState,
  renewedBy,
  ruleFrom,
  ruleOf,
  toDraft,
  toPolicy,
  type WrittenPolicy,
} from '../policy-row.ts';
import { recordAct } from './acts.ts';
import { forgetBefore, healthOf } from './policy-health.ts';

const WEEK_MS = 7 * 86_400_000;
const SELECT = `SELECT p.*,
  (SELECT count(*) FROM detections d WHERE d.org_id = p.org_id AND d.policy_id = p.policy_id AND d.time >= $since) AS matches,
  (SELECT count(*) FROM detections d WHERE d.org_id = p.org_id AND d.policy_id = p.policy_id AND d.time >= ''
   AND d.state IN ('open', 'in_review')) AS open,
  (SELECT json_object('hour', hour, 'count', count, 'code', code, 'message', message, 'event', event_id) FROM policy_failures f
   WHERE f.org_id = p.org_id AND f.policy_id = p.policy_id ORDER BY hour DESC LIMIT 1) AS failures
  FROM policies p WHERE p.org_id = $org AND p.deleted_at IS NULL`;

/** The store's policies, in this database. */
export function policiesIn(database: Database): PolicyStore {
  const since = (at: string) => new Date(Date.parse(at) - WEEK_MS).toISOString();
  return {
    async installPack(org, pack, at) {
      inTransaction(database, () => installPack(database, org, pack, at));
    },
    async list(org, at) {
      const rows = database.prepare(`${SELECT} ORDER BY name`).all({ org, since: since(at) });
      return (rows as unknown as PolicyRow[]).map(toPolicy);
    },
    async get(org, id, at) {
      const row = database.prepare(`${SELECT} AND p.policy_id = $id`).get({ org, id, since: since(at) });
      return row === undefined ? undefined : toPolicy(row as unknown as PolicyRow);
    },
    async versions(org, id) {
      const rows = database
        .prepare(
          'SELECT version, policy, note, at, by FROM policy_versions WHERE org_id = ? AND policy_id = ? ORDER BY version DESC',
        )
        .all(org, id) as unknown as (Omit<PolicyVersion, 'policy'> & { policy: string })[];
      return rows.map((row) => ({ ...row, policy: JSON.parse(row.policy) as PolicyDraft }));
    },
    async create(org, id, draft, note, at, by) {
      inTransaction(database, () => {
        write(database, { org, id, version: 1, draft, packVersion: null, edited: false, note, at, by });
        recordAct(database, org, { time: at, actor: by, act: 'created', object: `policy:${id}` });
      });
    },
    async update(org, id, version, draft, note, at, by) {
      return inTransaction(database, () => {
        const stored = find(database, org, id);
        if (stored?.version !== version) return false;
        const edited = stored.edited === 1 || ruleOf(stored) !== ruleOf(draftRow(draft));
        write(database, {
          org,
          id,
          version: version + 1,
          draft,
          packVersion: stored.pack_version,
          edited,
          note,
          at,
          by,
        });
        // What was given up may be judged by what has changed.
        database.prepare('UPDATE unjudged SET tries = 1 WHERE org_id = ?').run(org);
        const act = stored.enabled === Number(draft.enabled) ? 'changed' : draft.enabled ? 'enabled' : 'disabled';
        const changes = changesBetween(toDraft(stored), { ...toDraft(stored), ...draft });
        recordAct(database, org, { time: at, actor: by, act, object: `policy:${id}`, changes });
        return true;
      });
    },
    async remove(org, id, version, at, by) {
      return inTransaction(database, () => {
        const stored = find(database, org, id);
        if (stored?.version !== version) return false;
        database
          .prepare(
            'UPDATE policies SET deleted_at = ?, enabled = 0, version = version + 1 WHERE org_id = ? AND policy_id = ?',
          )
          .run(at, org, id);
        advance(database, org);
        recordAct(database, org, { time: at, actor: by, act: 'removed', object: `policy:${id}` });
        return true;
      });
    },
    active: async (org) => activePolicies(database, org),
    health: async (org) => healthOf(database, org),
    forgetBefore: async (org, before) => forgetBefore(database, org, before),
  };
}

/** The policies that are on, and the number that changes with them. */
export function activePolicies(database: Database, org: string): ActivePolicy[] {
  const rows = database
    .prepare('SELECT * FROM policies WHERE org_id = ? AND enabled = 1 AND deleted_at IS NULL ORDER BY policy_id')
    .all(org) as unknown as PolicyRow[];
  return rows.map((row) => ({
    ...ruleFrom(row),
    id: row.policy_id,
    version: row.version,
    severity: row.severity,
    targets: JSON.parse(row.targets) as ActivePolicy['targets'],
  }));
}

/** Rises with every change of an organisation's policies. */
export function epochOf(database: Database, org: string): number {
  const row = database.prepare('SELECT epoch FROM policy_epochs WHERE org_id = ?').get(org);
  return Number(row?.epoch ?? 0);
}

/** Says that the organisation's policies have changed. */
export function advance(database: Database, org: string): void {
  database
    .prepare(
      `INSERT INTO policy_epochs (org_id, epoch, pack) VALUES (?, 1, '') ON CONFLICT (org_id) DO UPDATE SET epoch = epoch + 1`,
    )
    .run(org);
}

function installPack(database: Database, org: string, pack: readonly PackPolicy[], at: string): void {
  const state = packState(pack);
  const known = database.prepare('SELECT pack FROM policy_epochs WHERE org_id = ?').get(org);
  if (known?.pack === state) return;
  for (const policy of pack) {
    const written = renewedBy(policy, find(database, org, policy.id), at);
    if (written !== undefined) write(database, { org, ...written });
  }
  advance(database, org);
  database.prepare('UPDATE policy_epochs SET pack = ? WHERE org_id = ?').run(state, org);
  recordAct(database, org, { time: at, actor: PACK_ACTOR, act: 'installed', object: 'policies:built-in' });
}
type Written = WrittenPolicy & { org: string };

function write(database: Database, { org, id, version, draft, packVersion, edited, note, at, by }: Written): void {
  const { expression, sequence } = draftRow(draft);
  database
    .prepare(
      `INSERT INTO policies (org_id, policy_id, version, name, severity, description, expression, sequence, targets, enabled,
         pack_version, edited, changed_at, changed_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (org_id, policy_id) DO UPDATE SET version = excluded.version, name = excluded.name, severity = excluded.severity,
         description = excluded.description, expression = excluded.expression, sequence = excluded.sequence,
         targets = excluded.targets, enabled = excluded.enabled, pack_version = excluded.pack_version, edited = excluded.edited,
         strikes = 0, failures_in_row = 0, trouble = NULL, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
    )
    .run(
      ...[org, id, version, draft.name, draft.severity, JSON.stringify(draft.description), expression, sequence],
      ...[JSON.stringify(draft.targets), Number(draft.enabled), packVersion, Number(edited), at, by],
    );
  database
    .prepare(
      'INSERT INTO policy_versions (org_id, policy_id, version, policy, note, at, by) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    .run(org, id, version, JSON.stringify(draft), note, at, by);
  advance(database, org);
}

function find(database: Database, org: string, id: string): PolicyRow | undefined {
  return database.prepare('SELECT * FROM policies WHERE org_id = ? AND policy_id = ?').get(org, id) as unknown as
    | PolicyRow
    | undefined;
}
