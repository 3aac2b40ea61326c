import { expect, test } from '@jest/globals';
import type { PolicyRun } from '../../src/portal/policies/records.ts';
import { startPortal } from '../helpers/portal.ts';
import { caller, sendCommands } from '../helpers/portal-caller.ts';
import type { makeEvent } from '../helpers/portal-events.ts';

type Call = ReturnType<typeof caller>;
const DRAFT = {
  name: 'No make',
  severity: 'high',
  expression: 'event.facts.programs.exists(p, p == "make")',
  enabled: true,
};
const make = async (call: Call, draft: object = DRAFT) =>
  String((await call('POST', '/api/policies', { body: draft })).body.policy?.id);

/** Starts a run and waits for its end. */
async function run(call: Call, path: string, body: object): Promise<PolicyRun> {
  const started = await call('POST', path, { body });
  expect(started.status).toBe(202);
  const { id } = started.body.run as PolicyRun;
  for (;;) {
    const asked = (await call('GET', `/api/policy-runs/${id}`)).body.run as PolicyRun;
    if (asked.state !== 'running') return asked;
  }
}

test('a dry run goes through stored events, newest first, compares with the stored version, and stores no detection', async () => {
  const portal = await startPortal();
  const call = caller(portal);
  await sendCommands(portal, ['make a', 'make b', 'cmake c', 'ls']);
  const id = await make(call);
  const expression =
    'event.body.arguments.command.startsWith("make a") || event.facts.programs.exists(p, p == "cmake")';
  const { result, ...about } = await run(call, `/api/policies/${id}/dry-run`, { expression });
  expect(about).toMatchObject({ policy: id, kind: 'dry-run', state: 'done', asked: { comparedWith: 1 } });
  expect(result).toMatchObject({ events: 4, matches: 2, users: 1, failures: 0, ended: 'all', kept: 0 });
  expect(result.difference).toEqual({ added: 1, gone: 1 });
  expect(result.samples.map(({ time }) => time)).toEqual(
    result.samples
      .map(({ time }) => time)
      .sort()
      .reverse(),
  );
  expect((await call('GET', '/api/detections')).body.detections).toEqual([]);

  const failing = await run(call, '/api/policies/new/dry-run', { expression: 'event.body.nope == 1' });
  expect(failing.result).toMatchObject({
    ...{ matches: 0, failures: 4, difference: null },
    firstFailure: { code: 'no_such_key' },
  });
  const { acts } = (await call('GET', '/api/audit')).body as { acts: { act: string; object: string }[] };
  expect(acts[0]).toMatchObject({ act: 'dry run', object: 'policy:new' });
});

test('a dry run ends at ten thousand matches, and says so', async () => {
  const portal = await startPortal();
  const call = caller(portal);
  await sendCommands(portal, ['ls']);
  const { BOUNDS } = await import('../../src/portal/policies/tally.ts');
  const { matches } = BOUNDS;
  BOUNDS.matches = 1;
  try {
    await sendCommands(portal, ['ls', 'ls']);
    const { result } = await run(call, '/api/policies/new/dry-run', { expression: 'true' });
    expect(result.ended).toBe('matches');
  } finally {
    BOUNDS.matches = matches;
  }
});

test('a sequence is tried, too, with the verdicts of the policies that are on', async () => {
  const portal = await startPortal();
  const call = caller(portal);
  await sendCommands(portal, ['cat ~/.aws/credentials', 'ls', 'make a', 'make b']);
  const step = (expression: string) => ({ expression });
  const sequence = {
    windowSeconds: 600,
    steps: [step('"credential-file-read" in event.verdicts'), step('event.facts.programs.exists(p, p == "make")')],
  };
  const { result } = await run(call, '/api/policies/new/dry-run', { sequence });
  expect(result).toMatchObject({ events: 4, matches: 2, failures: 0, ended: 'all' });
  expect(result.samples[0]?.evidence).toHaveLength(2);
  const id = await make(call, { name: 'Read, then make', severity: 'high', sequence, enabled: true });
  const narrowed = { ...sequence, steps: [sequence.steps[0], step('event.body.arguments.command == "make b"')] };
  const changed = await run(call, `/api/policies/${id}/dry-run`, { sequence: narrowed });
  expect(changed.result.difference).toEqual({ added: 0, gone: 1 });
});

test('judging back keeps what it finds as retrospective detections, once however often it runs, and only for what is on', async () => {
  const portal = await startPortal();
  const call = caller(portal);
  await sendCommands(portal, ['make a', 'ls']);
  const id = await make(call);
  const { result } = await run(call, `/api/policies/${id}/judge`, {});
  expect(result).toMatchObject({ events: 2, matches: 1, kept: 1 });
  expect((await run(call, `/api/policies/${id}/judge`, {})).result).toMatchObject({ matches: 1, kept: 0 });
  const { detections } = (await call('GET', '/api/detections')).body as { detections: object[] };
  expect(detections).toMatchObject([{ policy: id, policyVersion: 1, retrospective: true, state: 'open' }]);
  await call('PATCH', `/api/policies/${id}`, { version: 1, body: { enabled: false } });
  expect((await call('POST', `/api/policies/${id}/judge`, { body: {} })).status).toBe(409);
});

test('a run is resumed by the next start of the portal, and can be ended', async () => {
  const portal = await startPortal();
  const call = caller(portal);
  await sendCommands(portal, ['make a']);
  const { id: org } = await portal.store.organisation('default', '');
  const asked = {
    ...{ rule: { expression: 'true', sequence: null }, targets: { agents: [], users: [], workspaces: [] } },
    ...{ from: null, comparedWith: null },
  } as const;
  const { emptyResult } = await import('../../src/portal/policies/tally.ts');
  const waiting = (id: string) => ({
    ...{ id, policy: 'new', kind: 'dry-run' as const, asked, result: emptyResult(false) },
    ...{ startedAt: '2026-09-03T12:00:00.000Z', startedBy: 'key:1' },
  });
  await portal.store.runs.start(org, waiting('run_ended'));
  expect((await call('DELETE', '/api/policy-runs/run_ended')).status).toBe(200);
  expect((await call('GET', '/api/policy-runs/run_ended')).body.run).toMatchObject({ state: 'cancelled' });
  await portal.store.runs.start(org, waiting('run_cut_off'));
  await portal.stop();
  const again = await startPortal({ folder: portal.folder });
  const key = await again.key();
  for (;;) {
    const answer = await fetch(`${again.address}/api/policy-runs/run_cut_off`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { run: now } = (await answer.json()) as { run: PolicyRun };
    if (now.state === 'running') continue;
    expect(now).toMatchObject({ state: 'done', result: { events: 1, matches: 1 } });
    break;
  }
});

test('what the detection rests on is answered with what happened around it and what each part of the rule says', async () => {
  const portal = await startPortal();
  const call = caller(portal);
  const id = await make(call, { ...DRAFT, expression: `event.kind == "tool.invoked" && ${DRAFT.expression}` });
  await sendCommands(portal, ['one', 'two', 'three', 'make a', 'four', 'five', 'six']);
  const { detections } = (await call('GET', `/api/detections?policy=${id}`)).body as { detections: { id: string }[] };
  const { events, clauses } = (await call('GET', `/api/detections/${detections[0]?.id}/context`)).body as {
    events: ReturnType<typeof makeEvent<'tool.invoked'>>[];
    clauses: object[];
  };
  expect(events.map(({ body }) => (body.arguments as { command: string }).command)).toEqual([
    ...['two', 'three', 'make a', 'four', 'five'],
  ]);
  expect(clauses).toMatchObject([{ text: 'event.kind == "tool.invoked"', value: true }, { value: true }]);
});
