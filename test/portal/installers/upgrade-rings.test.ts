import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { executablesIn } from '../../../src/portal/installers/executables.ts';
import { mayTake, ringOf, type UpgradeRings } from '../../../src/portal/installers/upgrade-rings.ts';
import { startPortal, type TestPortal } from '../../helpers/portal.ts';
import { enrolmentOf } from '../../helpers/portal-events.ts';
import { tempFolder } from '../../helpers/temp-home.ts';

const ring = (given: Partial<UpgradeRings['rings'][number]>) => ({
  ...{ name: 'canary', percent: 0, users: [], devices: [], upTo: 'newest' },
  ...given,
});
const agent = (id: string, user = 'dev', name = 'mbp-14') => ({ id, user, name });

describe('an agent is in the ring', () => {
  test('that names its user or device first, however small its share, and else in that of its share', () => {
    const rings = [ring({ name: 'a', users: ['ann'] }), ring({ name: 'b', devices: ['BUILD-*-linux'], percent: 100 })];
    expect(ringOf({ rings }, agent('1', 'Ann'))?.name).toBe('a');
    expect(ringOf({ rings }, agent('1', 'joann', 'build-7-linux'))?.name).toBe('b');
    expect(ringOf({ rings: [ring({ name: 'a', users: ['a*', '*z'] })] }, agent('1', 'banana'))).toBeUndefined();
  });

  test('of its share for ever: a larger share takes more in and lets nobody go', () => {
    const ids = Array.from({ length: 2_000 }, (_, n) => `device-${n}`);
    const within = (percent: number) =>
      ids.filter((id) => ringOf({ rings: [ring({ percent })] }, agent(id)) !== undefined);
    const [five, thirty] = [within(5), within(30)];
    expect(five.length).toBeGreaterThan(60);
    expect(five.length).toBeLessThan(140);
    expect(five.every((id) => thirty.includes(id))).toBe(true);
    expect(within(0)).toEqual([]);
    expect(within(100)).toEqual(ids);
  });

  test('whose pattern is its text with stars in it, and patterns of any kind are answered', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), text, (parts, other) => {
        const pattern = parts.join('*');
        const expected = new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.')).join('.*')}$`).test(other);
        const rings = [ring({ users: [pattern] })];
        expect(ringOf({ rings }, agent('1', other)) !== undefined).toBe(expected);
        expect(ringOf({ rings }, agent('1', parts.join(other)))).toBeDefined();
      }),
    );
  });
});

test('a version may be taken up to that of the ring, by number and not by letter; none while it is paused', () => {
  const upTo = (limit: string | null) => ({ rings: [ring({ percent: 100, upTo: limit })], others: null });
  const may = (limit: string | null, version: string) => mayTake(upTo(limit), agent('1'), version);
  expect([may('0.10.0', '0.9.0'), may('0.10.0', '0.10.0'), may('0.10.0', '0.11.0')]).toEqual([true, true, false]);
  expect([may('newest', '9.0.0'), may(null, '0.0.1'), may('0.2.0', 'strange')]).toEqual([true, false, false]);
  expect(mayTake({ rings: [], others: 'newest' }, agent('1'), '1.0.0')).toBe(true);
});

describe('over HTTP', () => {
  const NAME = 'capsule-kiro-linux-x64';
  let portal: TestPortal;
  let admin: string;

  beforeEach(async () => {
    const folder = tempFolder();
    const sha256 = createHash('sha256').update(NAME).digest('hex');
    writeFileSync(path.join(folder, NAME), NAME);
    writeFileSync(path.join(folder, 'VERSIONS.json'), JSON.stringify({ [NAME]: { version: '0.2.0', sha256 } }));
    portal = await startPortal({ executables: executablesIn(folder) });
    admin = await portal.key({ role: 'admin' });
  });

  const enrol = async (device: string, user: string, org = 'default') => {
    const { id } = await portal.store.organisation(org, '');
    await portal.store.agents.enrol(id, { ...enrolmentOf(device), user } as never, '2026-09-03T12:00:00.000Z', 'test');
    return portal.credential(device, { org });
  };
  const offered = async (credential: string) => {
    const headers = { authorization: `Bearer ${credential}` };
    const answer = await fetch(`${portal.address}/v1/upgrade?os=linux&arch=x64`, { headers });
    return ((await answer.json()) as { upgrade: { version: string } | null }).upgrade?.version ?? null;
  };
  const change = async (body: unknown, key = admin) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const answer = await fetch(`${portal.address}/api/upgrade-rings`, {
      method: 'PATCH',
      headers,
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
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

  test('a change is in the audit log, by whom and from what to what; the same again is none', async () => {
    await change({ rings: [], others: null });
    await change({ rings: [], others: null });
    const headers = { authorization: `Bearer ${admin}` };
    const answer = await fetch(`${portal.address}/api/audit?object=upgrade-rings`, { headers });
    expect(((await answer.json()) as { acts: unknown }).acts).toMatchObject([
      { act: 'changed', object: 'upgrade-rings', changes: [{ what: 'others', before: 'newest', after: null }] },
    ]);
  });

  test.each([
    ['shares of more than 100', { rings: [ring({ percent: 60 }), ring({ name: 'b', percent: 41 })], others: null }],
    ['two rings of one name', { rings: [ring({}), ring({})], others: null }],
    ['a version that is none', { rings: [], others: 'soon' }],
    ['nothing', {}],
  ])('%s are refused, and nothing is changed', async (_, body) => {
    expect(await change(body)).toMatchObject({ status: 400, body: { error: { code: 'rings-invalid' } } });
    expect((await portal.read('/api/upgrade-rings')).body).toMatchObject({ rings: [], others: 'newest' });
  });

  test('who may only look may not change them', async () => {
    expect((await change({ rings: [], others: null }, await portal.key())).status).toBe(403);
  });
});
