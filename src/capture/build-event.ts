import type {
  CapsuleEvent,
  ContentLevel,
  DeviceRef,
  EventKind,
  EventOf,
  Inventory,
  SessionRef,
  Store,
  WorkspaceRef,
} from '../core/event.ts';
import { SCHEMA_VERSION } from '../core/event.ts';
import { eventId, shortHash } from './event-id.ts';
import type { FactKind, FactOf } from './fact.ts';

/** What all events of one read have in common. */
export interface Surroundings {
  /** Which of Kiro's stores it is read from. */
  store: Store;
  session: SessionRef;
  workspace: WorkspaceRef | null;
  kiroVersion: string | null;
  device: DeviceRef;
  level: ContentLevel;
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
  const { store, session, workspace, kiroVersion, device, level } = around;
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
    source: { store, content: level, ...source },
    redactions: [],
    body,
  };
  // The mapped union cannot be followed through a type parameter.
  return event as unknown as CapsuleEvent;
}
