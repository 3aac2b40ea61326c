import { expect, test } from '@jest/globals';
import { loadJudging } from '../../../src/portal/policies/load-judging.ts';
import { loadPack } from '../../../src/portal/policies/pack.ts';
import type { PolicyDraft } from '../../../src/portal/policies/records.ts';
import type { PortalStore } from '../../../src/portal/store/store.ts';
import { DEVICE } from '../../helpers/portal-events.ts';
import { openTestStore } from '../../helpers/portal-store.ts';
import { readShort } from '../../helpers/short-events.ts';
import { tempFolder } from '../../helpers/temp-home.ts';

const judging = await loadJudging();
const AT = '2026-09-03T13:00:00.000Z';
const command = (text: string) => readShort(`$ ${text}`).event;

async function withStore(work: (store: PortalStore, org: string) => Promise<void>): Promise<void> {
  const store = await openTestStore(tempFolder());
  const { id: org } = await store.organisation('default', AT);
  await store.policies.installPack(org, await loadPack(), AT);
  try {
    await work(store, org);
  } finally {
    await store.close();
  }
}
const found = async (store: PortalStore, org: string) =>
  (await store.detections.list(org, {}, { limit: 100 })).items.map(({ policy }) => policy).sort();

test('what could not be judged is stored, judged later, and found once', async () => {
  await withStore(async (store, org) => {
    const broken = {
      ...judging,
      judge: () => {
        throw new Error('the judge is broken');
      },
    };
    const events = [command('rm -rf ~/'), command('ls')];
    expect(await store.events.ingest(org, DEVICE, events, AT, broken)).toEqual({
      accepted: 2,
      duplicates: 0,
      detections: [],
    });
    expect(await found(store, org)).toEqual([]);
    expect(await store.events.judgeAgain(judging, AT, 100)).toEqual([org]);
    const policies = ['destructive-command', 'recursive-delete-outside'];
    expect(await found(store, org)).toEqual(policies);
    expect(await store.events.judgeAgain(judging, AT, 100)).toEqual([]);
    expect(await store.events.ingest(org, DEVICE, events, AT, judging)).toEqual({
      accepted: 0,
      duplicates: 2,
      detections: [],
    });
    expect(await found(store, org)).toEqual(policies);
  });
});

test('a policy that is too slow three times is switched off, with a line in the audit log; the others go on', async () => {
  await withStore(async (store, org) => {
    const description = { finds: '', why: '', falsePositives: '', attack: [], atlas: [], owasp: [] };
    const targets = { agents: [], users: [], workspaces: [] };
    const draft: PolicyDraft = {
      name: 'Slow',
      severity: 'low',
      expression: 'event.kind == "tool.invoked"',
      sequence: null,
      enabled: true,
      description,
      targets,
    };
    await store.policies.create(org, 'slow', draft, '', AT, 'account:admin');
    // The judge's own test has a policy that really takes too long; here only what becomes of it counts.
    const slow = {
      ...judging,
      judge: (...[rules, events]: Parameters<typeof judging.judge>) => {
        const judgement = judging.judge(
          { ...rules, policies: rules.policies.filter(({ id }) => id !== 'slow') },
          events,
        );
        const struck = rules.policies.some(({ id }) => id === 'slow') ? events.map(({ event }) => event.id) : [];
        return { ...judgement, slow: struck.map((event) => ({ policy: 'slow', event })), unjudged: struck };
      },
    };
    await store.events.ingest(org, DEVICE, [command('ls'), command('rm -rf ~/')], AT, slow);
    expect(await store.policies.get(org, 'slow', AT)).toMatchObject({
      enabled: true,
      failures: { code: 'too_slow', count: 2 },
    });
    await store.events.ingest(org, DEVICE, [command('pwd')], AT, slow);
    expect(await store.policies.get(org, 'slow', AT)).toMatchObject({
      enabled: false,
      trouble: 'took too long three times',
    });
    const { items } = await store.acts(org, {}, { limit: 1 });
    expect(items).toMatchObject([{ actor: 'portal', act: 'disabled', object: 'policy:slow' }]);
    expect(await found(store, org)).toEqual(['destructive-command', 'recursive-delete-outside']);
    await store.events.judgeAgain(slow, AT, 100);
    expect(await store.events.judgeAgain(slow, AT, 100)).toEqual([]);
  });
});

test('a content level that sinks is found once, for the device and workspace it sinks in', async () => {
  await withStore(async (store, org) => {
    const at = (content: 'full' | 'redacted' | 'metadata', minute: number, workspace = 'w1') => {
      const event = command('ls');
      const time = `2026-09-03T12:${String(minute).padStart(2, '0')}:00.000Z`;
      return {
        ...event,
        time,
        workspace: { id: workspace, path: '/home/dev/x', name: 'x' },
        source: { ...event.source, content },
      };
    };
    await store.events.ingest(
      org,
      DEVICE,
      [at('redacted', 1), at('metadata', 2, 'w2'), at('redacted', 3), at('full', 4)],
      AT,
      judging,
    );
    expect(await found(store, org)).toEqual([]);
    await store.events.ingest(org, DEVICE, [at('redacted', 2), at('metadata', 5), at('metadata', 6)], AT, judging);
    expect(await found(store, org)).toEqual(['capture-lowered']);
  });
});
