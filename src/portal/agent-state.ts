import type { AgentState } from './answers.ts';
import type { StoredAgent } from './store/store.ts';

export const REPORTING_MS = 30 * 60_000;
export const QUIET_MS = 7 * 86_400_000;

/**
 * How an agent is doing, in the order a person wants to know it: revoked; something needs a person, by its own word; nothing
 * heard since it enrolled (`waiting`); heard within 30 minutes (two heartbeats); within 7 days; longer ago.
 */
export function agentState(agent: StoredAgent, now: Date): AgentState {
  if (agent.credentialEndsAt === null) return 'revoked';
  const silentMs = now.getTime() - Date.parse(agent.lastSeenAt ?? agent.enrolledAt);
  if (silentMs > QUIET_MS) return 'missing';
  if (agent.heartbeat !== null && agent.heartbeat.health.length > 0) return 'needs-attention';
  if (agent.lastSeenAt === null) return 'waiting';
  return silentMs > REPORTING_MS ? 'quiet' : 'reporting';
}
