import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DaemonState } from '../../src/cli/daemon-state.ts';
import { heartbeatReport } from '../../src/cli/heartbeat-report.ts';
import { heartbeatSchema } from '../../src/portal/device-schema.ts';
import { aState } from '../helpers/daemon-state.ts';
import { runs } from '../helpers/fuzz.ts';

describe('a heartbeat', () => {
  test('tells how the agent is, and nothing of what was captured', () => {
    const { capture } = aState();
    const state = aState({
      enrolment: { state: 'pending', why: 'the code was used' },
      capture: { ...capture, skippedLines: 2, unknown: { hologram: 1 } },
    });
    const kiro = [{ generation: 'ide-1.x' as const, version: '1.0.411', evidence: '/opt/kiro/package.json' }];
    expect(heartbeatReport(state, kiro)).toEqual({
      agentVersion: '0.1.0',
      kiro: [{ generation: 'ide-1.x', version: '1.0.411' }],
      attachments: { attached: 2, known: 3, remote: 1, missing: 0, excluded: 0 },
      workspaces: [],
      outbox: { events: 0, bytes: 0, oldest: null },
      coverage: [],
      unknown: { hologram: 1 },
      skipped: 2,
      health: [{ code: 'enrolment-pending', message: 'This device has not enrolled yet: the code was used' }],
    });
  });

  test('tells of what waits for the portal, and not of what waits for others', () => {
    const none = { events: 0, bytes: 0, oldest: null, rejected: 0 };
    const waits = { ...none, events: 9, bytes: 900, oldest: '2026-09-03T11:00:00.000Z' };
    const state = aState({ outbox: { ...aState().outbox, ...waits }, depths: { portal: none, otlp: waits } });
    expect(heartbeatReport(state, [])).toMatchObject({ outbox: { events: 0, bytes: 0, oldest: null } });
  });

  test('names the newer version that does not work here, until as new a one runs', () => {
    const failed = { sha256: 'a'.repeat(64), version: '0.10.0', why: 'it does not answer' };
    const told = { version: '0.10.0', why: 'it does not answer' };
    expect(heartbeatReport(aState({ version: '0.9.0' }), [], failed).failedUpgrade).toEqual(told);
    expect(heartbeatReport(aState({ version: '0.10.0' }), [], failed)).not.toHaveProperty('failedUpgrade');
    expect(heartbeatReport(aState({ version: '0.11.0' }), [], failed)).not.toHaveProperty('failedUpgrade');
    expect(heartbeatReport(aState(), [], { sha256: failed.sha256 })).not.toHaveProperty('failedUpgrade');
  });

  test('names the workspaces that are not attached with their reasons, those first that could be', () => {
    const { workspaces } = aState();
    const state = aState({
      workspaces: {
        ...workspaces,
        notAttached: [{ path: '/home/dev/a', reason: 'the file is read-only' }],
        elsewhere: [
          { path: '/home/dev/gone', state: 'missing', reason: 'there is no such folder' },
          { path: `/${'x'.repeat(2_000)}`, state: 'missing', reason: 'there is no such folder' },
        ],
      },
    });
    expect(heartbeatReport(state, []).workspaces).toEqual([
      { path: '/home/dev/a', state: 'not-attached', reason: 'the file is read-only' },
      { path: '/home/dev/gone', state: 'missing', reason: 'there is no such folder' },
    ]);
  });

  test('is one that a portal takes, however bad things are', () => {
    const count = fc.nat({ max: 100_000 });
    const words = fc.constantFrom('', 'short', 'x'.repeat(5_000));
    const why = fc.option(words);
    const state: fc.Arbitrary<DaemonState> = fc
      .record({
        events: count,
        rejected: count,
        delivery: fc.constantFrom('idle', 'sending', 'waiting', 'held', 'unset'),
        enrolment: fc.constantFrom('enrolled', 'pending', 'none'),
        why,
        problems: fc.nat({ max: 150 }),
        notAttached: fc.array(fc.record({ path: words, reason: words }), { maxLength: 3 }),
        elsewhere: fc.array(fc.record({ path: words, state: fc.constantFrom('remote', 'missing'), reason: words }), {
          minLength: 198,
          maxLength: 203,
        }),
      })
      .map(({ events, rejected, delivery, enrolment, why: reason, problems, notAttached, elsewhere }) => {
        const { outbox, delivery: healthy, capture, workspaces } = aState();
        return aState({
          outbox: { ...outbox, events, rejected, oldest: events === 0 ? null : '2026-09-03T12:00:00.000Z' },
          delivery: { ...healthy, state: delivery as DaemonState['delivery']['state'], why: reason },
          enrolment: { state: enrolment as DaemonState['enrolment']['state'], why: reason },
          capture: { ...capture, problems: Array.from({ length: problems }, () => reason ?? 'EACCES') },
          workspaces: { ...workspaces, notAttached, elsewhere },
        });
      });
    fc.assert(
      fc.property(state, (given) => {
        expect(heartbeatSchema.safeParse(heartbeatReport(given, [])).error).toBeUndefined();
      }),
      runs(30),
    );
  });
});
