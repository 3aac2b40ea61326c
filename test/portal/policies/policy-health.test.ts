import { afterAll, expect, test } from '@jest/globals';
import { loadJudging } from '../../../src/portal/policies/load-judging.ts';
import type { PolicyDraft } from '../../../src/portal/policies/records.ts';
import { DEVICE } from '../../helpers/portal-events.ts';
import { openTestStore } from '../../helpers/portal-store.ts';
import { readShort } from '../../helpers/short-events.ts';
import { tempFolder } from '../../helpers/temp-home.ts';

const AT = '2026-09-03T13:00:00.000Z';
const judging = await loadJudging();
const store = await openTestStore(tempFolder());
const { id: org } = await store.organisation('default', AT);
afterAll(() => store.close());

const draft = (expression: string): PolicyDraft => ({
  ...{ name: 'A policy', severity: 'low', expression, sequence: null, enabled: true },
  description: { finds: '', why: '', falsePositives: '', attack: [], atlas: [], owasp: [] },
  targets: { agents: [], users: [], workspaces: [] },
});
const commands = (count: number, text: string) => Array.from({ length: count }, () => readShort(`$ ${text}`).event);
const ingest = (count: number, text: string) => store.events.ingest(org, DEVICE, commands(count, text), AT, judging);
const acts = async () => (await store.acts(org, {}, { limit: 1 })).items;

test('a policy that fails on a hundred events in a row is switched off, with a line in the audit log; a good one in between counts anew', async () => {
  await store.policies.create(org, 'fails', draft('event.body.nope == 1'), '', AT, 'test');
  const sometimes = draft('event.body.arguments.command == "ok" || event.body.nope == 1');
  await store.policies.create(org, 'sometimes', sometimes, '', AT, 'test');
  await ingest(60, 'ls');
  await ingest(1, 'ok');
  // `sometimes` begins anew after "ok", and `fails` does not.
  await ingest(39, 'ls');
  expect(await store.policies.get(org, 'sometimes', AT)).toMatchObject({ enabled: true, trouble: null });
  expect(await store.policies.get(org, 'fails', AT)).toMatchObject({
    ...{ enabled: false, trouble: 'failed on 100 events in a row' },
  });
  expect(await acts()).toMatchObject([{ actor: 'portal', act: 'disabled', object: 'policy:fails' }]);
});

test('a policy that is no longer understood is switched off, with a line in the audit log', async () => {
  await store.policies.create(org, 'old', draft('event.evenly'), '', AT, 'test');
  await ingest(1, 'ls');
  const { enabled, trouble } = (await store.policies.get(org, 'old', AT)) ?? {};
  expect([enabled, trouble]).toEqual([false, expect.stringContaining('no longer understood')]);
  expect(await acts()).toMatchObject([{ actor: 'portal', act: 'disabled', object: 'policy:old' }]);
});

test('events that failed five times are counted apart, until a policy is changed', async () => {
  const broken = {
    ...judging,
    judge: () => {
      throw new Error('the judge is broken');
    },
  };
  await store.policies.create(org, 'fine', draft('false'), '', AT, 'test');
  await store.events.ingest(org, DEVICE, commands(2, 'pwd'), AT, broken);
  expect(await store.policies.health(org)).toEqual({ waiting: 2, givenUp: 0 });
  for (let round = 0; round < 5; round++) await store.events.judgeAgain(broken, AT, 100);
  expect(await store.policies.health(org)).toEqual({ waiting: 0, givenUp: 2 });
  await store.policies.update(org, 'fine', 1, draft('true'), 'found it', AT, 'test');
  expect(await store.policies.health(org)).toEqual({ waiting: 2, givenUp: 0 });
  await store.events.judgeAgain(judging, AT, 100);
  expect(await store.policies.health(org)).toEqual({ waiting: 0, givenUp: 0 });
});

test('what only serves judging is forgotten by time, and detections stay', async () => {
  const before = (await store.detections.list(org, {}, { limit: 100 })).items.length;
  expect(before).toBeGreaterThan(0);
  expect(await store.policies.forgetBefore(org, '2026-09-03T12:59:59.000Z')).toBe(0);
  expect(await store.policies.forgetBefore(org, '2026-09-03T14:00:00.000Z')).toBeGreaterThan(0);
  expect((await store.policies.get(org, 'sometimes', AT))?.failures).toBeNull();
  expect((await store.detections.list(org, {}, { limit: 100 })).items).toHaveLength(before);
});
