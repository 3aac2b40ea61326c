import { Refusal } from '../answer.ts';
import type { SessionSummary } from '../answers.ts';
import type { Filter } from '../filter/read-filter.ts';
import type { ObservationStore } from '../store/observation-store.ts';
import type { AgentStore, CredentialStore, EventStore, PortalStore, SessionStore } from '../store/store.ts';

/** The refusal (403) of what whoever may see one device asks beyond it. */
export const notOwn = (): Refusal =>
  new Refusal(403, 'own-view-only', 'This sign-in shows what one device has sent, and nothing else');

/**
 * The store as it is for whoever may see one device: what is another's is not there, and what is not named here is refused (403).
 * It stands in place of the whole store, so that no route can forget to ask.
 */
export function ownStore(store: PortalStore, device: string, credentialId: string): PortalStore {
  return only<PortalStore>({
    events: ownEvents(store, device),
    sessions: ownSessions(store.sessions, device),
    agents: only<AgentStore>({ get: async (org, id) => (id === device ? store.agents.get(org, id) : undefined) }),
    observations: only<ObservationStore>({
      async changes(org, id, page) {
        return id === device ? store.observations.changes(org, id, page) : { items: [], next: null };
      },
    }),
    // To sign out.
    credentials: only<CredentialStore>({
      async revoke(org, id, at, by) {
        if (id !== credentialId) throw notOwn();
        return store.credentials.revoke(org, id, at, by);
      },
    }),
  });
}

function ownEvents({ events }: PortalStore, device: string): EventStore {
  return only<EventStore>({
    list: (org, filter, page) => events.list(org, ofDevice(filter, device), page),
    count: (org, filter, limit, budgetMs) => events.count(org, ofDevice(filter, device), limit, budgetMs),
    // The sums by hour know no devices: the filter keeps them from being asked.
    bars: (org, filter, now, budgetMs) => events.bars(org, ofDevice(filter, device), now, budgetMs),
    async get(org, id) {
      const stored = await events.get(org, id);
      return stored?.event.device.id === device ? stored : undefined;
    },
    // The name of what is gone says nothing of whose it was.
    wasRemoved: async () => false,
    newest: async () => undefined,
  });
}

function ownSessions(sessions: SessionStore, device: string): SessionStore {
  const get = async (org: string, id: string) => {
    const session = await sessions.get(org, id);
    return session?.device.id === device ? withoutDetections(session) : undefined;
  };
  return only<SessionStore>({
    get,
    async list(org, filter, page) {
      const { items, next } = await sessions.list(org, ofDevice(filter, device), page);
      return { items: items.map(withoutDetections), next };
    },
    count: (org, filter, limit) => sessions.count(org, ofDevice(filter, device), limit),
    async turns(org, id, page) {
      if ((await get(org, id)) === undefined) return { entries: [], total: 0 };
      const { entries, total } = await sessions.turns(org, id, page);
      const ours = entries.map((entry) => ({ ...entry, events: entry.events.filter((e) => e.device.id === device) }));
      return { entries: ours, total };
    },
    async positionOf(org, id, event) {
      return (await get(org, id)) === undefined ? undefined : sessions.positionOf(org, id, event);
    },
  });
}

/** What a filter asks for, of this device alone; refused where it asks what was detected, which is not the developer's to see. */
function ofDevice(filter: Filter, device: string): Filter {
  const { has } = filter.tests ?? {};
  if (has?.is.includes('detection') || has?.not.includes('detection')) throw notOwn();
  return { ...filter, tests: { ...filter.tests, agent: { is: [device], not: [] } } };
}

const withoutDetections = (session: SessionSummary): SessionSummary => ({ ...session, detections: 0 });

/** Only what is given; whatever else is asked for is refused. */
function only<T extends object>(given: Partial<T>): T {
  return new Proxy(given, {
    get(target, name) {
      if (Object.hasOwn(target, name)) return Reflect.get(target, name) as unknown;
      throw notOwn();
    },
  }) as T;
}
