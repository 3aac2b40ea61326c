import type {
  CapsuleEvent,
  ContentLevel,
  DeviceRef,
  EventKind,
  EventOf,
  Generation,
  Inventory,
  SessionRef,
  WorkspaceRef,
} from '../core/event.ts';
import { SCHEMA_VERSION } from '../core/event.ts';
import type { SessionMeta } from '../kiro/session-meta-1x.ts';
import { eventId, shortHash } from './event-id.ts';
import type { FactKind, FactOf } from './fact.ts';

/** What all events of one read have in common. */
export interface Surroundings {
  session: SessionRef;
  workspace: WorkspaceRef | null;
  kiroVersion: string | null;
  device: DeviceRef;
  level: ContentLevel;
}

/** The IDE and CLI 3 write the same store, and nothing in it tells them apart (kiro/README S12). */
export const GENERATION: Generation = 'ide-1.x';

export function sessionRef(id: string, meta: SessionMeta | null): SessionRef {
  const { title = null, mode = null, model = null } = meta ?? {};
  return { id, generation: GENERATION, title, mode, model };
}

/** Paths come from any system, so both separators count. */
export function workspaceRef(path: string): WorkspaceRef {
  const name = path.split(/[\\/]+/).findLast((part) => part !== '') ?? path;
  return { id: shortHash(path, 16), path, name };
}

/** The event of a fact; `mcpServer` when the fact is a call of a configured server's tool. */
export function buildEvent<K extends FactKind>(fact: FactOf<K>, around: Surroundings): CapsuleEvent {
  const { kind, key, time, turn, record, ordinal, inferred, body } = fact;
  return assemble(around, { kind, key, time, turn, body, source: { record, ordinal, inferred } });
}

/** The first event of a session: what was configured around it, as of now. `inferred` names `time` when it is not the start's. */
export function buildSessionStarted(
  inventory: Inventory,
  time: string,
  inferred: string[],
  around: Surroundings,
): CapsuleEvent {
  const source = { record: null, ordinal: 0, inferred };
  return assemble(around, { kind: 'session.started', key: '', time, turn: null, body: inventory, source });
}

type Parts<K extends EventKind> = Pick<EventOf<K>, 'kind' | 'time' | 'turn' | 'body'> & {
  key: string;
  source: Pick<EventOf<K>['source'], 'record' | 'ordinal' | 'inferred'>;
};

function assemble<K extends EventKind>(around: Surroundings, parts: Parts<K>): CapsuleEvent {
  const { session, workspace, kiroVersion, device, level } = around;
  const { kind, key, time, turn, body, source } = parts;
  const event: EventOf<K> = {
    schemaVersion: SCHEMA_VERSION,
    id: eventId({ generation: session.generation, sessionId: session.id, kind, key }),
    kind,
    time,
    session,
    turn,
    workspace,
    agent: { name: 'kiro', version: kiroVersion },
    device,
    source: { store: 'ide-1.x', content: level, ...source },
    redactions: [],
    body,
  };
  // The mapped union cannot be followed through a type parameter.
  return event as unknown as CapsuleEvent;
}
