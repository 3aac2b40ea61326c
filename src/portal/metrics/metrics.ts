import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { PortalStore } from '../store/store.ts';
import { type OrganisationMetrics, organisationMetrics } from './organisation-metrics.ts';

/** What the portal counts, for Prometheus. */
export interface Metrics {
  /** A request was answered. `route` is the template of its address, never the address itself. */
  answered(route: string, status: number): void;
  /** A device was told to come again later, as there was too much to do. */
  shed(route: string): void;
  /** What is counted of an organisation; nobody else sees it. */
  of(org: string): OrganisationMetrics;
  /** In Prometheus' text format: this organisation's, and what is the portal's and its process's own. */
  text(store: PortalStore, org: string, now: Date): Promise<string>;
  contentType: string;
}

/** Begins to count. */
export function startMetrics(version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'capsule_requests_total',
    help: 'Requests that were answered, by route and status',
    labelNames: ['route', 'status'],
    registers,
  });
  const shed = new Counter({
    name: 'capsule_requests_shed_total',
    help: 'Requests of devices that were put off, unread, because too many were under way, by route',
    labelNames: ['route'],
    registers,
  });
  const size = new Gauge({ name: 'capsule_database_bytes', help: 'Size of the database', registers });
  new Gauge({
    name: 'capsule_portal_info',
    help: 'The version of the portal',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  const organisations = new Map<string, OrganisationMetrics>();
  const of = (org: string): OrganisationMetrics => {
    const found = organisations.get(org) ?? organisationMetrics();
    organisations.set(org, found);
    return found;
  };
  return {
    answered: (route, status) => requests.inc({ route, status: String(status) }),
    shed: (route) => shed.inc({ route }),
    of,
    async text(store, org, now) {
      size.set(await store.bytes());
      const parts = [await of(org).text(store, org, now), await registry.metrics(), await processMetrics().metrics()];
      return `${parts.map((part) => part.trimEnd()).join('\n')}\n`;
    },
    contentType: registry.contentType,
  };
}

let ofProcess: Registry | undefined;

/** Event loop, memory, processor: one process has them once, however many portals it runs. */
function processMetrics(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}
