/** Events made by hand, for tests of the portal. */
import type { Bodies, CapsuleEvent, EventKind, EventOf } from '../../src/core/event.ts';

export const DEVICE = 'device-1';
export const SHA = 'a'.repeat(64);

const BODIES: Bodies = {
  'session.started': {
    mcpServers: [
      {
        name: 'docs',
        scope: 'user',
        transport: 'stdio',
        command: 'npx -y docs-server',
        commandSha256: SHA,
        origin: null,
        disabled: false,
        autoApprove: ['search'],
        envNames: ['DOCS_TOKEN'],
        headerNames: [],
      },
    ],
    skills: [{ name: 'review', scope: 'user', description: 'Reviews a change', sha256: SHA }],
    steering: [{ name: 'product.md', scope: 'workspace', inclusion: 'always', sha256: SHA }],
    powers: [],
    hooks: [{ name: 'capsule-stop', scope: 'user', trigger: 'Stop', action: 'dispatch', sha256: SHA, ours: true }],
    customAgents: [],
    trust: [
      {
        source: 'kiroAgent.trustedCommands',
        scope: 'user',
        kind: 'command',
        effect: 'allow',
        pattern: 'npm *',
        ours: false,
      },
    ],
  },
  'prompt.submitted': { text: 'Fix the parser', source: 'chat', attachments: [] },
  'agent.responded': { text: 'Done.' },
  'agent.reasoned': { text: null, withheld: true },
  'tool.invoked': {
    callId: 'call-1',
    name: 'execute_bash',
    kind: 'execute',
    mcpServer: null,
    arguments: { command: 'npm test' },
    result: 'ok',
    success: true,
    exitCode: 0,
    startedAt: null,
    endedAt: null,
    durationMs: 38,
    approval: 'auto',
    subAgent: null,
  },
  'turn.ended': {
    reason: 'end_turn',
    durationMs: 99_000,
    credits: 0.8,
    contextUsage: 12,
    counts: { prompts: 1, responses: 1, reasonings: 1, tools: 1, toolFailures: 0 },
  },
  'capture.gap': {
    count: 37,
    firstTime: '2026-09-03T12:00:00.000Z',
    lastTime: '2026-09-03T12:00:01.000Z',
    reason: 'outbox limit',
  },
};

let counter = 0;

/** A good event; `body` is laid over the usual one. Each has an id and an ordinal of its own. */
export function makeEvent<K extends EventKind>(
  kind: K,
  { body = {}, ...given }: Partial<Omit<EventOf<K>, 'body'>> & { body?: Partial<Bodies[K]> } = {},
): EventOf<K> & CapsuleEvent {
  counter++;
  const bodies: Bodies = BODIES;
  const event = {
    schemaVersion: 1,
    id: `event-${counter}`,
    kind,
    time: new Date(Date.UTC(2026, 8, 3, 12, 0, 0, counter)).toISOString(),
    session: { id: 'session-1', generation: 'ide-1.x', title: 'Fix the parser', mode: 'vibe', model: 'auto' },
    turn: kind === 'session.started' || kind === 'capture.gap' ? null : { id: 'turn-1', index: 1 },
    workspace: { id: '0123456789abcdef', path: '/home/dev/demo', name: 'demo' },
    agent: { name: 'kiro', version: '1.0.411' },
    device: { id: DEVICE, os: 'linux', user: 'dev' },
    source: {
      store: 'ide-1.x',
      record: null,
      ordinal: kind === 'session.started' ? 0 : counter,
      content: 'redacted',
      inferred: [],
    },
    redactions: [],
    ...given,
    body: { ...bodies[kind], ...body },
  };
  return event as unknown as EventOf<K> & CapsuleEvent;
}

/** One turn with every kind of event, the session's start and a gap. */
export const everyKind = (): CapsuleEvent[] => [
  makeEvent('session.started'),
  makeEvent('prompt.submitted'),
  makeEvent('agent.reasoned'),
  makeEvent('tool.invoked'),
  makeEvent('agent.responded'),
  makeEvent('turn.ended'),
  makeEvent('capture.gap'),
];

export const enrolmentOf = (deviceId: string = DEVICE) => ({
  deviceId,
  name: 'mbp-14',
  os: 'linux',
  user: 'dev',
  agentVersion: '0.1.0',
  kiro: [{ generation: 'ide-1.x', version: '1.0.411' }],
});
