import { expect, test } from '@jest/globals';
import { agentState } from '../../src/portal/agent-state.ts';
import type { StoredAgent } from '../../src/portal/store/store.ts';

const NOW = new Date('2026-09-30T12:00:00.000Z');
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString();
const agent = (given: Partial<StoredAgent>): StoredAgent => ({
  id: 'd',
  name: 'd',
  user: 'u',
  os: 'linux',
  agentVersion: '1',
  kiro: [],
  enrolledAt: minutesAgo(60),
  heartbeat: null,
  lastSeenAt: minutesAgo(1),
  lastEventAt: null,
  latestInventory: null,
  lastProbe: null,
  credentialEndsAt: '2027-01-01T00:00:00.000Z',
  events: 0,
  ...given,
});
const sick = { health: [{ code: 'x', message: 'x' }] } as StoredAgent['heartbeat'];

test.each<[string, Partial<StoredAgent>, string]>([
  ['heard within half an hour', {}, 'reporting'],
  ['heard an hour ago', { lastSeenAt: minutesAgo(60) }, 'quiet'],
  ['not heard for eight days', { lastSeenAt: minutesAgo(8 * 1440) }, 'missing'],
  ['saying that it needs a person', { heartbeat: sick }, 'needs-attention'],
  ['having said so eight days ago', { heartbeat: sick, lastSeenAt: minutesAgo(8 * 1440) }, 'missing'],
  ['enrolled, then silent', { lastSeenAt: null }, 'waiting'],
  ['enrolled eight days ago, then silent', { lastSeenAt: null, enrolledAt: minutesAgo(8 * 1440) }, 'missing'],
  ['without a credential that counts', { credentialEndsAt: null }, 'revoked'],
])('an agent %s', (_what, given, state) => {
  expect(agentState(agent(given), NOW)).toBe(state);
});
