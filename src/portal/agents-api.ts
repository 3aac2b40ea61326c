import { agentState } from './agent-state.ts';
import { type Answer, notFound, ok } from './answer.ts';
import type { AgentAnswer, AgentSpreadAnswer, AgentSummary, AgentsAnswer } from './answers.ts';
import type { Person } from './authenticate.ts';
import { AGENT_GRAMMAR } from './filter/grammar.ts';
import type { PortalContext } from './portal-context.ts';
import { readList } from './read-list.ts';
import type { StoredAgent } from './store/store.ts';

/** `GET /api/agents`, by user unless sorted otherwise, with how many there are of each state. */
export async function listAgents(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const now = portal.now();
  const org = person.organisation.id;
  const { filter, sort, misunderstood, page } = readList(AGENT_GRAMMAR, query, now);
  const { items, next, total } = await portal.store.agents.list(org, filter, now, { ...page, sort });
  const states = await portal.store.agents.states(org, filter, now);
  const answer: AgentsAnswer = {
    agents: items.map((agent) => summarise(agent, now)),
    ...{ next, total, states, misunderstood },
  };
  return ok(answer);
}

/** `GET /api/agents/spread`, of the agents that the list would show. */
export async function spreadOfAgents(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const now = portal.now();
  const { filter, misunderstood } = readList(AGENT_GRAMMAR, query, now);
  const spread = await portal.store.agents.spread(person.organisation.id, filter, now);
  return ok({ ...spread, misunderstood } satisfies AgentSpreadAnswer);
}

/** `GET /api/agents/:id`. */
export async function getAgent(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const agent = await portal.store.agents.get(person.organisation.id, id);
  if (agent === undefined) throw notFound('agent');
  const { heartbeat, credentialEndsAt, latestInventory, lastProbe } = agent;
  const answer: AgentAnswer = {
    agent: { ...summarise(agent, portal.now()), heartbeat, credentialEndsAt, latestInventory, lastProbe },
  };
  return ok(answer);
}

/** An agent as lists show it. */
export function summarise(agent: StoredAgent, now: Date): AgentSummary {
  const state = agentState(agent, now);
  const inventory = agent.latestInventory?.body;
  return {
    id: agent.id,
    name: agent.name,
    user: agent.user,
    os: agent.os,
    agentVersion: agent.agentVersion,
    kiro: agent.kiro,
    state,
    attention: agent.heartbeat?.health[0]?.message ?? null,
    enrolledAt: agent.enrolledAt,
    lastSeenAt: agent.lastSeenAt,
    lastEventAt: agent.lastEventAt,
    attachments: agent.heartbeat?.attachments ?? null,
    inventory:
      inventory === undefined
        ? null
        : {
            mcpServers: inventory.mcpServers.length,
            skills: inventory.skills.length,
            steering: inventory.steering.length,
          },
    events: agent.events,
  };
}
