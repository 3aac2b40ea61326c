import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Enrolment } from '../../../src/portal/device-schema.ts';
import type { PortalStore } from '../../../src/portal/store/store.ts';
import { enrolmentOf } from '../../helpers/portal-events.ts';
import { openTestStore } from '../../helpers/portal-store.ts';
import { tempFolder } from '../../helpers/temp-home.ts';

const at = (day: number) => `2026-09-${String(day).padStart(2, '0')}T12:00:00.000Z`;
const V = '0.2.0';

let store: PortalStore;
let org: string;
beforeEach(async () => {
  store = await openTestStore(tempFolder());
  org = (await store.organisation('default', at(1))).id;
});
afterEach(() => store.close());

const offer = (device: string, more: { version?: string; ring?: string | null; day?: number; since?: string } = {}) => {
  const { version = V, ring = 'canary', day = 1, since = '' } = more;
  return store.upgrades.offer(org, { device, version, ring, at: at(day), since });
};
const fail = (device: string, version = V) =>
  store.upgrades.fail(org, { device, version, why: 'it does not answer', at: at(2) });
const HALT = { version: V, ring: 'canary', offered: 4, failed: 2, haltedAt: at(3) };

describe('what agents were offered', () => {
  test('is counted by ring and version, with the time it began', async () => {
    await offer('a', { day: 2 });
    await offer('b', { day: 1 });
    await offer('c', { ring: null, day: 4 });
    await offer('d', { version: '0.3.0' });
    expect(await store.upgrades.tally(org, V)).toEqual([
      { ring: null, offered: 1, failed: 0, begunAt: at(4) },
      { ring: 'canary', offered: 2, failed: 0, begunAt: at(1) },
    ]);
    expect(await store.upgrades.tally(org, '9.9.9')).toEqual([]);
  });

  test('keeps its first time when it is offered again, and makes room for another version', async () => {
    await offer('a', { day: 1 });
    await offer('a', { day: 5 });
    expect((await store.upgrades.tally(org, V))[0]?.begunAt).toBe(at(1));
    await offer('a', { version: '0.3.0', day: 6 });
    expect(await store.upgrades.tally(org, V)).toEqual([]);
  });

  test('and failed is news once, and none where it was never offered, or another version was', async () => {
    await offer('a');
    await offer('b', { ring: null });
    expect(await fail('a')).toEqual({ ring: 'canary' });
    expect(await fail('b')).toEqual({ ring: null });
    expect(await fail('a')).toBeUndefined();
    expect(await fail('c')).toBeUndefined();
    await offer('a', { version: '0.3.0' });
    expect(await fail('a')).toBeUndefined();
    expect((await store.upgrades.tally(org, '0.3.0'))[0]).toMatchObject({ offered: 1, failed: 0 });
  });

  test('is nothing to another organisation', async () => {
    const other = (await store.organisation('other', at(1))).id;
    await offer('a');
    expect(await store.upgrades.tally(other, V)).toEqual([]);
    expect(await store.upgrades.fail(other, { device: 'a', version: V, why: '', at: at(2) })).toBeUndefined();
  });
});

describe('a halt', () => {
  test('stands until it is resumed, each an act; twice is once', async () => {
    expect(await store.upgrades.halt(org, HALT)).toBe(true);
    expect(await store.upgrades.halt(org, { ...HALT, failed: 3 })).toBe(false);
    expect(await store.upgrades.halts(org)).toEqual([{ ...HALT, resumedAt: null, resumedBy: null }]);
    expect(await store.upgrades.resume(org, '9.9.9', at(4), 'account:admin')).toBe(false);
    expect(await store.upgrades.resume(org, V, at(4), 'account:admin')).toBe(true);
    expect(await store.upgrades.resume(org, V, at(5), 'account:admin')).toBe(false);
    expect(await store.upgrades.halts(org)).toMatchObject([{ resumedAt: at(4), resumedBy: 'account:admin' }]);
    const { items } = await store.acts(org, {}, { limit: 10 });
    expect(items.filter(({ object }) => object === `upgrade:${V}`)).toMatchObject([
      { act: 'resumed', actor: 'account:admin' },
      { act: 'halted', actor: 'portal', changes: [{ after: 'canary' }, { after: 'on 2 of 4 agents' }] },
    ]);
  });

  test('that was resumed leaves what was offered before out of account, and can come again', async () => {
    for (const device of ['a', 'b', 'c']) await offer(device, { day: 1 });
    await fail('a');
    await store.upgrades.halt(org, HALT);
    await store.upgrades.resume(org, V, at(4), 'account:admin');
    expect(await store.upgrades.tally(org, V)).toEqual([{ ring: 'canary', offered: 0, failed: 0, begunAt: at(1) }]);
    for (const device of ['a', 'b', 'd']) await offer(device, { day: 5, since: at(4) });
    await fail('b');
    expect(await store.upgrades.tally(org, V)).toEqual([{ ring: 'canary', offered: 2, failed: 1, begunAt: at(1) }]);
    expect(await store.upgrades.halt(org, { ...HALT, haltedAt: at(6) })).toBe(true);
    expect(await store.upgrades.halts(org)).toMatchObject([{ haltedAt: at(6), resumedAt: null }]);
  });
});

test('agents come page after page with what they were offered, without those that are shut out', async () => {
  for (const id of ['a', 'b', 'c', 'd']) {
    await store.agents.enrol(org, { ...(enrolmentOf(id) as Enrolment), user: `user ${id}` }, at(1), 'test');
    const credential = { id: `of ${id}`, kind: 'device', subject: id, secretHash: null, role: null } as const;
    const life = { createdAt: at(1), expiresAt: at(30), revokedAt: null, uses: 0, maxUses: null };
    await store.credentials.issue(org, { ...credential, ...life }, 'test');
  }
  await store.credentials.revoke(org, 'of b', at(2), 'test');
  await offer('c');
  await fail('c');
  const first = await store.upgrades.members(org, { limit: 2 });
  expect(first.items.map(({ id, user, version, offer }) => [id, user, version, offer])).toEqual([
    ['a', 'user a', '0.1.0', null],
    ['c', 'user c', '0.1.0', { version: V, ring: 'canary', at: at(1), failedAt: at(2), why: 'it does not answer' }],
  ]);
  const second = await store.upgrades.members(org, { limit: 2, after: first.next ?? '' });
  expect([second.items.map(({ id }) => id), second.next]).toEqual([['d'], null]);
});
