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
import type { Database, OfOrg } from './database.ts';
import { insertAll, replacing } from './insert-all.ts';
import { forgetBefore, healthOf } from './policy-health.ts';

const WEEK_MS = 7 * 86_400_000;
/** Its first `?` is since when matches count. */
const SELECT = `SELECT p.*,
  (SELECT count(*) FROM detections d WHERE d.org_id = p.org_id AND d.policy_id = p.policy_id AND d.time >= ?) AS matches,
  (SELECT count(*) FROM detections d WHERE d.org_id = p.org_id AND d.policy_id = p.policy_id
   AND d.state IN ('open', 'in_review')) AS open,
  (SELECT json_build_object('hour', hour, 'count', count, 'code', code, 'message', message, 'event', event_id)::text
   FROM policy_failures f WHERE f.org_id = p.org_id AND f.policy_id = p.policy_id ORDER BY hour DESC LIMIT 1) AS failures
  FROM policies p WHERE p.org_id = $1 AND p.deleted_at IS NULL`;

/** The store's policies, in this database. */
export function policiesIn(database: Database): PolicyStore {
  const since = (at: string) => new Date(Date.parse(at) - WEEK_MS).toISOString();
  return {
    async installPack(org, pack, at) {
      if (await hasPack(database.of(org), pack)) return;
      await database.writing(org, (rows) => installPack(rows, pack, at));
    },
    list: async (org, at) =>
      (await database.of(org).all<PolicyRow>(`${SELECT} ORDER BY name`, [since(at)])).map(toPolicy),
    async get(org, id, at) {
      const row = await database.of(org).get<PolicyRow>(`${SELECT} AND p.policy_id = ?`, [since(at), id]);
      return row === undefined ? undefined : toPolicy(row);
    },
    async versions(org, id) {
      const rows = await database
        .of(org)
        .all<Omit<PolicyVersion, 'policy'> & { policy: string }>(
          'SELECT version, policy, note, at, by FROM policy_versions WHERE org_id = $1 AND policy_id = ? ORDER BY version DESC',
          [id],
        );
      return rows.map((row) => ({ ...row, policy: JSON.parse(row.policy) as PolicyDraft }));
    },
    create: (org, id, draft, note, at, by) =>
      database.writing(org, async (rows) => {
        await write(rows, [{ id, version: 1, draft, packVersion: null, edited: false, note, at, by }]);
        await recordAct(rows, { time: at, actor: by, act: 'created', object: `policy:${id}` });
      }),
    update: (org, id, version, draft, note, at, by) =>
      database.writing(org, (rows) => update(rows, { id, version, draft, note, at, by })),
    remove: (org, id, version, at, by) =>
      database.writing(org, async (rows) => {
        const stored = await find(rows, id);
        if (stored?.version !== version) return false;
        await rows.run(
          'UPDATE policies SET deleted_at = ?, enabled = 0, version = version + 1 WHERE org_id = $1 AND policy_id = ?',
          [at, id],
        );
        await advance(rows);
        await recordAct(rows, { time: at, actor: by, act: 'removed', object: `policy:${id}` });
        return true;
      }),
    active: (org) => activePolicies(database.of(org)),
    health: (org) => healthOf(database.of(org)),
    forgetBefore: (org, before) => database.writing(org, (rows) => forgetBefore(rows, before)),
  };
}

/** The policies that are on. */
export async function activePolicies(rows: OfOrg): Promise<ActivePolicy[]> {
  const found = await rows.all<PolicyRow>(
    'SELECT * FROM policies WHERE org_id = $1 AND enabled = 1 AND deleted_at IS NULL ORDER BY policy_id',
  );
  return found.map((row) => ({
    ...ruleFrom(row),
    id: row.policy_id,
    version: row.version,
    severity: row.severity,
    targets: JSON.parse(row.targets) as ActivePolicy['targets'],
  }));
}

/** Rises with every change of an organisation's policies, whichever replica makes it. */
export async function epochOf(rows: OfOrg): Promise<number> {
  const row = await rows.get<{ epoch: number }>('SELECT epoch FROM policy_epochs WHERE org_id = $1');
  return row?.epoch ?? 0;
}

/** Says that the organisation's policies have changed. */
export async function advance(rows: OfOrg): Promise<void> {
  await rows.run(
    `INSERT INTO policy_epochs (org_id, epoch, pack) VALUES ($1, 1, '')
     ON CONFLICT (org_id) DO UPDATE SET epoch = policy_epochs.epoch + 1`,
  );
}

async function hasPack(rows: OfOrg, pack: readonly PackPolicy[]): Promise<boolean> {
  const known = await rows.get<{ pack: string }>('SELECT pack FROM policy_epochs WHERE org_id = $1');
  return known?.pack === packState(pack);
}

async function installPack(rows: OfOrg, pack: readonly PackPolicy[], at: string): Promise<void> {
  // Another replica may have been faster.
  if (await hasPack(rows, pack)) return;
  const stored = await rows.all<PolicyRow>('SELECT * FROM policies WHERE org_id = $1');
  const known = new Map(stored.map((row) => [row.policy_id, row]));
  const written = pack.flatMap((policy) => renewedBy(policy, known.get(policy.id), at) ?? []);
  await write(rows, written);
  await rows.run('UPDATE policy_epochs SET pack = ? WHERE org_id = $1', [packState(pack)]);
  await recordAct(rows, { time: at, actor: PACK_ACTOR, act: 'installed', object: 'policies:built-in' });
}

async function update(
  rows: OfOrg,
  { id, version, draft, note, at, by }: Omit<WrittenPolicy, 'packVersion' | 'edited'>,
): Promise<boolean> {
  const stored = await find(rows, id);
  if (stored?.version !== version) return false;
  const edited = stored.edited === 1 || ruleOf(stored) !== ruleOf(draftRow(draft));
  await write(rows, [
    { ...{ id, draft, edited, note, at, by }, version: version + 1, packVersion: stored.pack_version },
  ]);
  // What was given up may be judged by what has changed.
  await rows.run('UPDATE unjudged SET tries = 1 WHERE org_id = $1');
  const act = stored.enabled === Number(draft.enabled) ? 'changed' : draft.enabled ? 'enabled' : 'disabled';
  const changes = changesBetween({ ...toDraft(stored) }, { ...toDraft(stored), ...draft });
  await recordAct(rows, { time: at, actor: by, act, object: `policy:${id}`, changes });
  return true;
}

async function write(rows: OfOrg, written: readonly WrittenPolicy[]): Promise<void> {
  const policies = written.map(({ id, version, draft, packVersion, edited, at, by }) => ({
    ...{ policy_id: id, version, name: draft.name, severity: draft.severity, enabled: Number(draft.enabled) },
    ...{ description: JSON.stringify(draft.description), targets: JSON.stringify(draft.targets), ...draftRow(draft) },
    ...{ pack_version: packVersion, edited: Number(edited), changed_at: at, changed_by: by },
    ...{ strikes: 0, failures_in_row: 0, trouble: null },
  }));
  await insertAll(rows, 'policies', POLICY, policies, replacing(POLICY, ['policy_id']));
  const versions = written.map(({ id, version, draft, note, at, by }) => ({
    ...{ policy_id: id, version, policy: JSON.stringify(draft), note, at, by },
  }));
  await insertAll(rows, 'policy_versions', VERSION, versions);
  await advance(rows);
}
const POLICY = {
  ...({ policy_id: 'text', version: 'integer', name: 'text', severity: 'text', enabled: 'integer' } as const),
  ...({ description: 'text', targets: 'text', expression: 'text', sequence: 'text' } as const),
  ...({ pack_version: 'integer', edited: 'integer', changed_at: 'text', changed_by: 'text' } as const),
  ...({ strikes: 'integer', failures_in_row: 'integer', trouble: 'text' } as const),
};
const VERSION = {
  ...({ policy_id: 'text', version: 'integer', policy: 'text', note: 'text', at: 'text', by: 'text' } as const),
};

const find = (rows: OfOrg, id: string) =>
  rows.get<PolicyRow>('SELECT * FROM policies WHERE org_id = $1 AND policy_id = ?', [id]);
