import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { countFleet } from '../../../src/portal/installers/count-fleet.ts';
import { executablesIn } from '../../../src/portal/installers/executables.ts';
import { askedRingsSchema } from '../../../src/portal/installers/rings-schema.ts';
import { startPortal, type TestPortal } from '../../helpers/portal.ts';
import { caller } from '../../helpers/portal-caller.ts';
import { enrolmentOf } from '../../helpers/portal-events.ts';
import { tempFolder } from '../../helpers/temp-home.ts';

const NAME = 'capsule-kiro-linux-x64';
const DAY_MS = 86_400_000;
const RINGS = '/api/upgrade-rings';
const ring = (given: object) => ({
  ...{ name: 'canary', percent: 0, users: [], devices: [], upTo: 'newest' },
  ...given,
});

let portal: TestPortal;
let api: ReturnType<typeof caller>;
let now: Date;
beforeEach(async () => {
  const folder = tempFolder();
  const sha256 = createHash('sha256').update(NAME).digest('hex');
  writeFileSync(path.join(folder, NAME), NAME);
  writeFileSync(path.join(folder, 'VERSIONS.json'), JSON.stringify({ [NAME]: { version: '0.2.0', sha256 } }));
  now = new Date();
  portal = await startPortal({ executables: executablesIn(folder), now: () => now });
  api = caller(portal);
});

/** Keys live for a day, so there are others afterwards. */
const turnClockTo = (ms: number) => {
  now = new Date(ms);
  api = caller(portal);
};
const enrol = async (device: string, user: string, org = 'default') => {
  const { id } = await portal.store.organisation(org, '');
  await portal.store.agents.enrol(id, { ...enrolmentOf(device), user } as never, now.toISOString(), 'test');
  return portal.credential(device, { org, lifeMs: 100 * DAY_MS });
};
const offered = async (credential: string) => {
  const headers = { authorization: `Bearer ${credential}` };
  const answer = await fetch(`${portal.address}/v1/upgrade?os=linux&arch=x64`, { headers });
  return ((await answer.json()) as { upgrade: { version: string } | null }).upgrade?.version ?? null;
};
const heartbeat = async (credential: string, more: object = {}) => {
  const answer = await fetch(`${portal.address}/v1/heartbeat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ agentVersion: '0.1.0', kiro: [], health: [], outbox: { events: 0, bytes: 0, oldest: null } },
      attachments: { attached: 1, known: 1, remote: 0, missing: 0, excluded: 0 },
      ...more,
    }),
  });
  expect(answer.status).toBe(200);
};
const fails = (credential: string, version = '0.2.0') =>
  heartbeat(credential, { failedUpgrade: { version, why: 'it does not answer' } });
const change = (body: unknown) => api('PATCH', RINGS, { body });
const get = async () => (await api('GET', RINGS)).body;
const acts = async () => {
  const { body } = await api('GET', '/api/audit');
  return (body.acts as { act: string; object: string }[]).filter(({ object }) => object.startsWith('upgrade'));
};

test('one ring is offered a version while the next waits, is let in, and is paused again; other organisations are not asked', async () => {
  const [ann, bob, other] = [
    await enrol('one', 'ann'),
    await enrol('two', 'bob'),
    await enrol('three', 'bob', 'other'),
  ];
  const all = async () => [await offered(ann), await offered(bob), await offered(other)];
  expect(await all()).toEqual(['0.2.0', '0.2.0', '0.2.0']);
  const rings = [ring({ users: ['ann'], upTo: '0.2.0' })];
  expect((await change({ rings, others: '0.1.0' })).body.agents).toEqual([
    { ring: 'canary', version: '0.1.0', agents: 1 },
    { ring: null, version: '0.1.0', agents: 1 },
  ]);
  expect(await all()).toEqual(['0.2.0', null, '0.2.0']);
  await change({ rings, others: 'newest' });
  expect(await all()).toEqual(['0.2.0', '0.2.0', '0.2.0']);
  await change({ rings: [ring({ users: ['ann'], upTo: null })], others: 'newest' });
  expect(await all()).toEqual([null, '0.2.0', '0.2.0']);
});

test('a ring begins at its date, and the next so many days after its first agent was offered the version', async () => {
  const [ann, bob, eve] = [await enrol('one', 'ann'), await enrol('two', 'bob'), await enrol('three', 'eve')];
  const all = async () => [await offered(ann), await offered(bob), await offered(eve)];
  const begin = new Date(now.getTime() + DAY_MS).toISOString();
  await change({
    rings: [ring({ users: ['ann'], startsAt: begin }), ring({ name: 'early', users: ['bob'], daysAfter: 2 })],
    ...{ others: 'newest', othersDaysAfter: 1 },
  });
  expect(await all()).toEqual([null, null, null]);
  expect((await get()).progress).toMatchObject([
    { ring: 'canary', state: 'waiting', from: begin },
    { ring: 'early', state: 'waiting', from: null },
    { ring: null, state: 'waiting', from: null },
  ]);
  turnClockTo(Date.parse(begin));
  expect(await all()).toEqual(['0.2.0', null, null]);
  turnClockTo(Date.parse(begin) + 2 * DAY_MS - 1);
  expect(await all()).toEqual(['0.2.0', null, null]);
  turnClockTo(Date.parse(begin) + 2 * DAY_MS);
  expect(await all()).toEqual(['0.2.0', '0.2.0', null]);
  expect((await get()).progress).toMatchObject([
    { state: 'open', begunAt: begin, offered: 1 },
    { state: 'open', begunAt: now.toISOString() },
    { state: 'waiting', from: new Date(now.getTime() + DAY_MS).toISOString() },
  ]);
});

describe('a version that fails on too many agents of a ring', () => {
  let canaries: string[];
  let late: string;
  beforeEach(async () => {
    canaries = [await enrol('a', 'ann'), await enrol('b', 'ann'), await enrol('c', 'ann')];
    late = await enrol('d', 'dan');
    await change({ rings: [ring({ users: ['ann'] })], others: 'newest' });
    for (const each of canaries) await offered(each);
  });

  test('is halted: told in the log, on the page and by metrics, and offered neither there nor after it until it is resumed', async () => {
    await fails(canaries[0] ?? '');
    await fails(canaries[0] ?? '');
    expect(await offered(late)).toBe('0.2.0');
    await fails(canaries[1] ?? '');
    expect([await offered(late), await offered(canaries[2] ?? '')]).toEqual([null, null]);
    const answer = await get();
    expect(answer.halts).toMatchObject([{ version: '0.2.0', ring: 'canary', offered: 3, failed: 2, resumedAt: null }]);
    expect(answer.progress).toMatchObject([
      { state: 'halted', offered: 3, failed: 2 },
      { state: 'halted', failed: 0 },
    ]);
    expect(answer.failures).toMatchObject([
      { user: 'ann', version: '0.2.0', why: 'it does not answer' },
      { user: 'ann', version: '0.2.0', why: 'it does not answer' },
    ]);
    expect(await metric()).toBe('capsule_upgrades_halted 1');
    expect((await api('POST', `${RINGS}/0.2.0/resume`, { role: 'analyst' })).status).toBe(403);
    expect((await api('POST', `${RINGS}/0.2.0/resume`)).body.halts).toMatchObject([{ resumedBy: expect.any(String) }]);
    expect(await metric()).toBe('capsule_upgrades_halted 0');
    expect((await acts()).map(({ act }) => act)).toEqual(['resumed', 'halted', 'changed']);
    expect([await offered(late), await offered(canaries[2] ?? '')]).toEqual(['0.2.0', '0.2.0']);
    expect((await api('POST', `${RINGS}/0.2.0/resume`)).status).toBe(404);
  });

  test('is not halted again by those that failed before, but by new ones', async () => {
    for (const each of canaries.slice(0, 2)) await fails(each);
    turnClockTo(now.getTime() + DAY_MS);
    await api('POST', `${RINGS}/0.2.0/resume`);
    for (const each of canaries.slice(0, 2)) await fails(each);
    turnClockTo(now.getTime() + DAY_MS);
    const fresh = [await enrol('e', 'ann'), await enrol('f', 'ann')];
    for (const each of [...canaries, ...fresh]) expect(await offered(each)).toBe('0.2.0');
    await fails(fresh[0] ?? '');
    expect(await offered(late)).toBe('0.2.0');
    await fails(fresh[1] ?? '');
    expect(await offered(late)).toBeNull();
  });

  test('is not halted by what was not offered, by another organisation, or where more failures are borne', async () => {
    const foreign = [await enrol('x', 'ann', 'other'), await enrol('y', 'ann', 'other')];
    for (const each of foreign) await fails(each);
    for (const each of canaries) await fails(each, '0.3.0');
    expect((await get()).halts).toEqual([]);
    await change({ rings: [ring({ users: ['ann'] })], others: 'newest', haltShare: 100 });
    for (const each of canaries) await fails(each);
    expect((await get()).halts).toEqual([]);
  });

  const metric = async () => {
    const headers = { authorization: `Bearer ${await portal.key()}` };
    const text = await (await fetch(`${portal.address}/api/metrics`, { headers })).text();
    return text.split('\n').find((line) => line.startsWith('capsule_upgrades_halted'));
  };
});

test('it is said which versions the portal hands out, and how far each ring is with them', async () => {
  const [ann] = [await enrol('one', 'ann'), await enrol('two', 'bob')];
  await offered(ann);
  await heartbeat(ann, { agentVersion: '0.2.0' });
  await change({ rings: [ring({ users: ['ann'] })], others: '0.1.0' });
  const begunAt = now.toISOString();
  expect(await get()).toMatchObject({
    versions: [{ version: '0.2.0', systems: ['linux-x64'] }],
    progress: [
      { ring: 'canary', state: 'open', running: 1, offered: 0, failed: 0, begunAt: null },
      { ring: null, state: 'behind', running: 0, offered: 0, failed: 0, begunAt },
    ],
  });
});

test('a fleet of more agents than are looked at at once is counted whole', async () => {
  const org = (await portal.store.organisation('default', '')).id;
  for (let n = 0; n < 5; n++) await enrol(`device-${n}`, `u${n % 2}`);
  const rings = askedRingsSchema.parse({ rings: [ring({ users: ['u0'] })], others: null });
  for (const atOnce of [1, 2, 5]) {
    expect((await countFleet(portal.store, org, rings, [], atOnce)).agents).toEqual([
      { ring: 'canary', version: '0.1.0', agents: 3 },
      { ring: null, version: '0.1.0', agents: 2 },
    ]);
  }
});

test('a change is in the audit log, by whom and from what to what; the same again is none', async () => {
  await change({ rings: [], others: null });
  await change({ rings: [], others: null });
  expect(await acts()).toMatchObject([
    { act: 'changed', object: 'upgrade-rings', changes: [{ what: 'others', before: 'newest', after: null }] },
  ]);
});

const stars = (name: string) => ring({ name, users: Array.from({ length: 101 }, (_, n) => `${n}*`) });
test.each([
  ['shares of more than 100', { rings: [ring({ percent: 60 }), ring({ name: 'b', percent: 41 })], others: null }],
  ['two rings of one name', { rings: [ring({}), ring({})], others: null }],
  ['a version that is none', { rings: [], others: 'soon' }],
  ['a first ring that waits for the one before', { rings: [ring({ daysAfter: 1 })], others: null }],
  ['a date that is none', { rings: [ring({ startsAt: 'tomorrow' })], others: null }],
  ['more names with a star than can be counted by', { rings: [stars('a'), stars('b')], others: null }],
  ['nothing', {}],
])('%s are refused, and nothing is changed', async (_, body) => {
  expect(await change(body)).toMatchObject({ status: 400, body: { error: { code: 'rings-invalid' } } });
  expect(await get()).toMatchObject({ rings: [], others: 'newest' });
});

test('a change of rings that somebody else has changed meanwhile is refused, if it says what it saw', async () => {
  const seen = Number((await get()).revision);
  const asked = (others: string | null, version?: number) =>
    api('PATCH', RINGS, { body: { rings: [], others }, version });
  expect((await asked(null, seen)).body.revision).toBe(seen + 1);
  expect(await asked('0.1.0', seen)).toMatchObject({ status: 409, body: { error: { code: 'version-conflict' } } });
  expect((await get()).others).toBeNull();
  expect((await asked('0.1.0', seen + 1)).status).toBe(200);
  expect((await asked('0.2.0')).body.others).toBe('0.2.0');
});

test('who may only look may not change them', async () => {
  expect((await api('PATCH', RINGS, { role: 'viewer', body: { rings: [], others: null } })).status).toBe(403);
});
