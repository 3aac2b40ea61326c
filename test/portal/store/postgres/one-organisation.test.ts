import { beforeAll, expect, test } from '@jest/globals';
import { loadJudging } from '../../../../src/portal/policies/load-judging.ts';
import { loadPack } from '../../../../src/portal/policies/pack.ts';
import { openPostgresStore } from '../../../../src/portal/store/postgres/open.ts';
import { EVERYWHERE } from '../../../../src/portal/store/postgres/schema.ts';
import type { Credential, PortalStore } from '../../../../src/portal/store/store.ts';
import { layTripWire, unboundTables } from '../../../helpers/one-organisation.ts';
import { DEVICE, enrolmentOf, everyKind } from '../../../helpers/portal-events.ts';
import { sharedPostgres as postgres, withPostgres } from '../../../helpers/postgres.ts';
import { readShort } from '../../../helpers/short-events.ts';

const NOW = new Date('2026-09-03T13:00:00.000Z');
const AT = NOW.toISOString();
const BY = 'test';

/** Statements about no one organisation, each by what it begins or ends with; everything else has one. */
const ACROSS: Readonly<Record<string, RegExp>> = {
  'values of the whole portal': /\bportal_values\b/,
  'organisations by their name': /^(SELECT org_id AS id(, name)? FROM organisations|INSERT INTO organisations)/,
  'the beginning of a new organisation’s chain': /^INSERT INTO chain_heads .* VALUES \(\?, 0, \?\)$/,
  'a credential by its secret': /WHERE c\.secret_hash = \?$/,
  'wrong guesses': /\bwrong_guesses\b/,
  'notices that are due': /^WITH taken AS/,
  'streams that are on':
    /FROM streams s JOIN organisations o .* WHERE s\.deleted_at IS NULL AND s\.disabled_at IS NULL/,
  'looks back that wait': /FROM policy_runs WHERE state = 'running'/,
  'who has events that wait to be judged': /FROM unjudged WHERE tries < \? GROUP BY org_id/,
  'months that are over': /\bevent_months\b|\bpg_(class|inherits|advisory_xact_lock)\b|lock_timeout|events_\d{4}_\d\d/,
  'how large it is': /pg_database_size/,
};

withPostgres('every statement', () => {
  const heard: { sql: string; org: string | undefined }[] = [];
  let tables: Set<string>;
  let store: PortalStore;

  beforeAll(async () => {
    const url = await postgres.database();
    const options = { url, now: () => NOW, namesOrg: true, connections: 4 };
    store = await openPostgresStore({
      ...options,
      heard: (sql, org) => heard.push({ sql: sql.replace(/\s+/g, ' ').trim(), org }),
    });
    tables = new Set(await postgres.admin(url, layTripWire));
    for (const name of ['theirs', 'ours']) await useEverything(store, (await store.organisation(name, AT)).id);
  }, 120_000);

  test('of every method keeps to the rows of its organisation', async () => {
    const asked = new Set(heard.flatMap(({ org }) => org ?? []));
    expect(asked.size).toBe(2);
    expect(heard.length).toBeGreaterThan(500);
    await store.close();
  });

  test('for an organisation names it for each table, so that a distributed database sends it to one machine', () => {
    const unbound = heard.filter(({ sql, org }) => org !== undefined && unboundTables(sql, tables).length > 0);
    expect([...new Set(unbound.map(({ sql }) => sql))]).toEqual([]);
  });

  test('that is for no organisation is one of those that are listed', () => {
    const across = heard.filter(
      ({ org, sql }) => org === undefined && !Object.values(ACROSS).some((each) => each.test(sql)),
    );
    expect([...new Set(across.map(({ sql }) => sql))]).toEqual([]);
    expect(EVERYWHERE).toEqual(['portal_values', 'organisations', 'wrong_guesses']);
  });

  test('is held to that by a wire that trips', async () => {
    const url = await postgres.database();
    const other = await openPostgresStore({ url, now: () => NOW });
    const [a, b] = [await other.organisation('a', AT), await other.organisation('b', AT)];
    for (const { id } of [a, b]) await other.note(id, { time: AT, actor: BY, act: 'noted', object: 'something' });
    await postgres.admin(url, layTripWire);
    await other.close();
    const asOwner = new URL(url);
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: asOwner.href });
    await client.connect();
    await client.query("SELECT set_config('capsule.org', $1, false)", [a.id]);
    expect((await client.query('SELECT 1 FROM acts WHERE org_id = $1', [a.id])).rowCount).toBe(1);
    await expect(client.query('SELECT 1 FROM acts')).rejects.toThrow('was touched by a statement for');
    await expect(client.query('UPDATE acts SET actor = $1', ['x'])).rejects.toThrow('was touched by a statement for');
    expect(
      unboundTables('SELECT 1 FROM acts a JOIN agents g ON g.org_id = a.org_id', new Set(['acts', 'agents'])),
    ).toEqual(['acts', 'agents']);
    await client.end();
  });
});

/** Calls every method there is; a new one that is not called fails. */
async function useEverything(store: PortalStore, org: string): Promise<void> {
  const called = new Set<string>();
  const told = recorded(store, called);
  await fill(told, org);
  await readAll(told, org);
  const all = Object.entries(store).flatMap(([part, value]: [string, object]) =>
    typeof value === 'function' ? [part] : Object.keys(value).map((name) => `${part}.${name}`),
  );
  const left = all.filter((name) => !called.has(name) && !/^(replicas|guesses)\.|^(organisation|close)$/.test(name));
  expect(left).toEqual([]);
}

function recorded(store: PortalStore, called: Set<string>, prefix = ''): PortalStore {
  return new Proxy(store, {
    get(target, name: string) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value === 'function') {
        called.add(`${prefix}${name}`);
        return value;
      }
      return recorded(value as PortalStore, called, `${name}.`);
    },
  });
}

const credentialOf = (id: string, kind: Credential['kind'], subject: string | null): Credential => ({
  ...{ id, kind, secretHash: `hash of ${id}`, subject, role: 'admin', createdAt: AT },
  ...{ expiresAt: '2027-01-01T00:00:00.000Z', revokedAt: null, uses: 0, maxUses: 5 },
});
const PAGE = { limit: 10 };
const HEARTBEAT = {
  ...{ agentVersion: '0.1.0', kiro: [], health: [], attachments: { attached: 1, known: 2 } },
  outbox: { events: 1, bytes: 2, oldest: AT },
} as unknown as Parameters<PortalStore['agents']['heartbeat']>[2];

async function fill(store: PortalStore, org: string): Promise<void> {
  const judging = await loadJudging();
  await store.policies.installPack(org, await loadPack(), AT);
  for (const kind of ['code', 'device', 'session'] as const) {
    await store.credentials.issue(org, credentialOf(`${kind}-${org}`, kind, kind === 'device' ? DEVICE : 'admin'), BY);
  }
  await store.credentials.use(org, `code-${org}`, DEVICE);
  await store.agents.enrol(org, enrolmentOf() as Parameters<PortalStore['agents']['enrol']>[1], AT, BY);
  await store.agents.heartbeat(org, DEVICE, HEARTBEAT, AT);
  await store.agents.noteProbe(org, DEVICE, { id: 'probe', time: AT });
  for (const id of ['admin', 'other']) await store.accounts.signIn(org, { id, role: 'admin' }, AT);
  await store.accounts.setPassword(org, 'other', 'hash', AT);
  await store.accounts.change(org, 'other', { role: 'viewer' }, AT, BY);
  await store.accounts.endSessions(org, 'other', AT, '');
  const installer = { label: '', system: 'linux', credentialDays: 1, content: null, hooks: null } as const;
  await store.installers.make(org, `code-${org}`, installer, BY);
  const severities = ['low', 'medium', 'high', 'critical'] as const;
  const hook = { url: 'https://example.com', severities: [...severities], secret: 'secret' };
  for (const id of ['hook', 'gone']) await store.notifications.addWebhook(org, { id, ...hook }, AT, BY);
  const events = [...everyKind(), readShort('$ rm -rf ~/').event, readShort('$ cat ~/.aws/credentials').event];
  const stored = await store.events.ingest(org, DEVICE, events, AT, judging);
  expect(stored.detections).toContain('critical');
  expect((await store.events.ingest(org, DEVICE, events, AT, judging)).accepted).toBe(0);
  await store.events.ingest(org, DEVICE, [readShort('$ rm -rf /').event], AT, undefined);
  await store.events.judgeAgain(judging, AT, 10);
  await store.note(org, { time: AT, actor: BY, act: 'noted', object: 'something' });
}

async function readAll(store: PortalStore, org: string): Promise<void> {
  await readEvents(store, org);
  await readFound(store, org);
  await store.agents.list(org, {}, NOW, PAGE);
  await store.agents.states(org, {}, NOW);
  await store.agents.spread(org, {}, NOW);
  await store.agents.get(org, DEVICE);
  await store.agents.outboxes(org);
  await useUpgrades(store, org);
  await store.installers.list(org);
  await store.installers.get(org, `code-${org}`);
  await store.installers.agents(org, `code-${org}`, 10);
  await store.installers.revokeAgents(org, `code-${org}`, AT, BY);
  await store.accounts.get(org, 'admin');
  await store.accounts.list(org);
  await store.accounts.any(org);
  await store.credentials.find(org, `code-${org}`);
  await store.credentials.findBySecret(`hash of code-${org}`);
  await store.credentials.list(org, ['code', 'device'], PAGE);
  await store.credentials.revoke(org, `code-${org}`, AT, BY);
  await store.acts(org, { words: [{ text: 'noted', goesOn: false }] }, PAGE);
  await store.findOrganisation('ours');
  await store.valueOr('name', () => 'value');
  await store.setValue('name', 'value');
  await store.value('name');
  await store.bytes();
  await store.retention.get(org);
  await store.retention.organisations();
  await store.retention.count(org, 'tool.invoked', '2026-09-04');
  await store.retention.remove(org, 'agent.reasoned', '2026-09-04', 10);
  const kept = await store.retention.get(org);
  await store.retention.set(org, { ...kept, 'tool.invoked': 1 }, AT, BY);
  await store.retention.removeWhole('2027-09-04T00:00:00.000Z');
}

async function useUpgrades({ upgrades }: PortalStore, org: string): Promise<void> {
  const version = '0.2.0';
  await upgrades.offer(org, { device: DEVICE, version, ring: 'canary', at: AT, since: '' });
  await upgrades.fail(org, { device: DEVICE, version, why: 'it does not start', at: AT });
  await upgrades.tally(org, version);
  await upgrades.halt(org, { version, ring: 'canary', offered: 1, failed: 1, haltedAt: AT });
  await upgrades.halts(org);
  await upgrades.resume(org, version, AT, BY);
  await upgrades.members(org, PAGE);
}

async function readEvents(store: PortalStore, org: string): Promise<void> {
  const { items } = await store.events.list(org, {}, { limit: 100, maxBytes: 1e6 });
  const { event } = items[0] ?? {};
  if (event === undefined) throw new Error('nothing was stored');
  await store.events.list(org, { words: [{ text: 'rm', goesOn: false }] }, { limit: 100, maxBytes: 1e6 });
  await store.events.list(org, { tests: { has: { is: ['detection'], not: [] } } }, { limit: 100, maxBytes: 1e6 });
  await store.events.get(org, event.id);
  await store.events.wasRemoved(org, event.id);
  await store.events.around(org, event.id, 2);
  await store.events.count(org, {}, 10);
  await store.events.bars(org, { from: '2026-09-03T00:00:00.000Z' }, NOW);
  await store.events.newest(org);
  await store.sessions.list(org, { tests: { has: { is: ['detection', 'failure'], not: [] } } }, PAGE);
  await store.sessions.list(org, {}, PAGE);
  await store.sessions.count(org, {}, 10);
  await store.sessions.get(org, event.session.id);
  await store.sessions.turns(org, event.session.id, { first: 0, limit: 5, maxEvents: 100, maxBytes: 1e9 });
  await store.sessions.positionOf(org, event.session.id, event.id);
  const { observations } = store;
  for (const field of ['user', 'agent']) await observations.values(org, field, '', 10);
  await observations.newValues(org, ['user', 'tool'], '2026', 10);
  await observations.held(org, 'mcpServer', 10);
  await observations.holders(org, 'mcpServer', 'docs', 10);
  await observations.changes(org, DEVICE, PAGE);
  await observations.changesSince(org, '2026');
  await observations.hours(org, {}, 'hour');
  await observations.chainHead(org);
  await observations.chainLinks(org, 0, 100);
  expect(await observations.unchained(org)).toBe(0);
}

async function readFound(store: PortalStore, org: string): Promise<void> {
  const { policies, detections, notifications, runs } = store;
  const [found, other] = (await detections.list(org, {}, { limit: 10, order: 'severity' })).items;
  if (found === undefined || other === undefined) throw new Error('nothing was detected');
  await detections.groups(org, {}, PAGE);
  await detections.change(org, found.id, 1, { state: 'in_review', note: '' }, AT, BY);
  await detections.changeMany(org, [{ id: other.id, version: 1 }], { assignee: 'me', note: '' }, AT, BY);
  await detections.get(org, found.id);
  await detections.counts(org);
  await detections.times(org, {}, 'day');
  await detections.top(org, {}, 5);
  const [listed] = await policies.list(org, AT);
  const draft = { ...(await policies.versions(org, listed?.id ?? ''))[0]?.policy } as Parameters<
    typeof policies.create
  >[2];
  await policies.create(org, 'own', draft, '', AT, BY);
  await policies.get(org, 'own', AT);
  await policies.update(org, 'own', 1, { ...draft, name: 'another' }, '', AT, BY);
  await policies.remove(org, 'own', 2, AT, BY);
  await policies.active(org);
  await policies.health(org);
  const run = { id: 'run', policy: 'own', kind: 'judge', asked: {}, result: {}, startedAt: AT, startedBy: BY };
  await runs.start(org, run as unknown as Parameters<typeof runs.start>[1]);
  await runs.get(org, 'run');
  await runs.unfinished();
  const judging = await loadJudging();
  const { rules } = judging.ready(await policies.active(org));
  await runs.keep(org, judging.judge(rules, [{ event: readShort('$ rm -rf /').event, before: { content: null } }]), AT);
  await runs.settle(org, 'run', { state: 'done', result: {}, at: AT } as unknown as Parameters<typeof runs.settle>[2]);
  await notifications.webhooks(org);
  await notifications.webhookTarget(org, 'hook');
  await notifications.deliveries(org, 'hook', 10);
  for (const due of await notifications.due(AT, 10))
    await notifications.settle(due, { at: AT, nextAt: null, trouble: null });
  await useStreams(store, org);
  await notifications.switchWebhook(org, 'hook', false, AT, BY);
  await notifications.removeWebhook(org, 'gone', AT, BY);
  await policies.forgetBefore(org, '2026-09-04');
}

async function useStreams({ streams }: PortalStore, org: string): Promise<void> {
  const destination = { kind: 'http', url: 'https://siem.example.com/' } as const;
  const choice = {
    name: '',
    format: 'capsule',
    content: 'metadata',
    kinds: ['tool.invoked'],
    severities: ['high'],
  } as const;
  const settings = { ...choice, kinds: [...choice.kinds], severities: [...choice.severities], destination };
  for (const from of ['now', 'start'] as const)
    await streams.add(org, { ...settings, id: from, secret: 'whsec', from }, AT, BY);
  await streams.list(org);
  await streams.target(org, 'start');
  for (const due of await streams.due(AT)) {
    if (due.org !== org) continue;
    const { to: position } = await streams.eventsAfter(org, 0, { kinds: ['tool.invoked'], limit: 5, maxBytes: 1_000 });
    const { to: step } = await streams.detectionsAfter(org, 0, { severities: ['high'], limit: 5 });
    await streams.advance(due, { position, step }, { at: AT, sent: 1, missed: 0 });
    await streams.fail(due, { trouble: 'no answer', nextAt: AT });
  }
  await streams.stillDue(org, 'start', AT);
  await streams.change(org, 'start', (before) => ({ ...before, enabled: false, kinds: [] }), AT, BY);
  await streams.renewSecret(org, 'start', 'another', AT, BY);
  await streams.retry(org, 'start');
  await streams.remove(org, 'start', AT, BY);
}
