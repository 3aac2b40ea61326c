import type { Inventory } from '../../core/event.ts';
import type { Enrolment, Heartbeat } from '../device-schema.ts';
import type { StoredAgent } from './store.ts';

/** A row of `agents`, with when its newest credential ends. */
export interface AgentRow {
  device_id: string;
  name: string;
  user: string;
  os: Enrolment['os'];
  agent_version: string;
  kiro: string;
  enrolled_at: string;
  heartbeat: string | null;
  last_seen_at: string | null;
  last_event_at: string | null;
  inventory: string | null;
  inventory_at: string | null;
  inventory_session: string | null;
  probe_id: string | null;
  probe_at: string | null;
  credential_ends_at: string | null;
  events: number;
}

/** The agent that a row tells of. */
export function toAgent(row: AgentRow): StoredAgent {
  return {
    id: row.device_id,
    name: row.name,
    user: row.user,
    os: row.os,
    agentVersion: row.agent_version,
    kiro: JSON.parse(row.kiro) as Enrolment['kiro'],
    enrolledAt: row.enrolled_at,
    heartbeat: row.heartbeat === null ? null : (JSON.parse(row.heartbeat) as Heartbeat),
    lastSeenAt: row.last_seen_at,
    lastEventAt: row.last_event_at,
    latestInventory:
      row.inventory === null || row.inventory_at === null || row.inventory_session === null
        ? null
        : {
            time: row.inventory_at,
            session: row.inventory_session,
            body: JSON.parse(row.inventory) as Inventory,
          },
    lastProbe: row.probe_id === null || row.probe_at === null ? null : { id: row.probe_id, time: row.probe_at },
    credentialEndsAt: row.credential_ends_at,
    events: row.events,
  };
}
