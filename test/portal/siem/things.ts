/** What streams send, made for tests. */
import fc from 'fast-check';
import { type CapsuleEvent, EVENT_KINDS } from '../../../src/core/event.ts';
import type { StoredDetection } from '../../../src/portal/policies/records.ts';
import type { SyslogDestination } from '../../../src/portal/siem/stream.ts';
import { anyText } from '../../helpers/any-text.ts';
import { makeEvent } from '../../helpers/portal-events.ts';

export const PORTAL = { version: '0.1.0', hostname: 'portal.example.com' };
export const ORG = 'org_1';

export const syslogTo = (given: Partial<SyslogDestination> = {}): SyslogDestination => ({
  ...{ kind: 'syslog', host: '127.0.0.1', port: 6514, transport: 'tls', ca: null, facility: 'local0' },
  ...{ appName: 'capsule', maxMessageBytes: 65_536 },
  ...given,
});

export const aDetection = (given: Partial<StoredDetection> = {}): StoredDetection => ({
  ...{ id: 'det_1', policy: 'pipe-to-shell', policyName: 'Pipes a download into a shell', policyVersion: 1 },
  ...{ severity: 'high', event: 'event-4', session: 'session-1', agent: 'device-1', user: 'dev' },
  ...{ workspace: '/home/dev/demo', time: '2026-09-03T12:00:00.004Z', foundAt: '2026-09-03T12:00:02.000Z' },
  evidence: [{ event: 'event-4', path: '/body/arguments/command', start: 0, end: 34 }],
  ...{ retrospective: false, state: 'open', reason: null, assignee: null, version: 1 },
  changedAt: '2026-09-03T12:00:02.000Z',
  ...given,
});

const text = anyText({ maxLength: 200 });
const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const ms = orNull(fc.double({ min: 0, max: 1e9, noNaN: true }));
const time = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });

/** Events of every kind, with what differs between them. */
export const anyEvent: fc.Arbitrary<CapsuleEvent> = fc
  .record({
    kind: fc.constantFrom(...EVENT_KINDS),
    text: orNull(text),
    words: text,
    title: orNull(text),
    model: orNull(text),
    version: orNull(text),
    os: fc.constantFrom('darwin', 'linux', 'win32'),
    tool: fc.record({
      name: text,
      kind: orNull(fc.constantFrom('read', 'edit', 'execute', 'search', 'delete', 'move', 'fetch', 'think', 'other')),
      mcpServer: orNull(text),
      arguments: fc.oneof(fc.jsonValue(), fc.record({ command: text })),
      result: fc.jsonValue(),
      success: orNull(fc.boolean()),
      exitCode: orNull(fc.integer()),
      startedAt: orNull(time.map((at) => at.toISOString())),
      endedAt: orNull(time.map((at) => at.toISOString())),
      durationMs: ms,
    }),
    durationMs: ms,
    count: orNull(fc.nat()),
    turn: orNull(fc.record({ id: text.filter((id) => id !== ''), index: orNull(fc.nat()) })),
  })
  .map(({ kind, text, words, title, model, version, os, tool, durationMs, count, turn }) => {
    const bodies: Partial<Record<string, object>> = {
      'prompt.submitted': { text },
      'agent.responded': { text },
      'agent.reasoned': { text, withheld: text === null },
      'tool.invoked': tool,
      'turn.ended': { reason: words, durationMs, ...(text !== null && { error: text }) },
      'capture.gap': { count, reason: words },
    };
    const event = makeEvent(kind, { turn, body: bodies[kind] ?? {} });
    return {
      ...event,
      session: { ...event.session, title, model },
      agent: { name: 'kiro', version },
      device: { ...event.device, os },
    } as CapsuleEvent;
  });
