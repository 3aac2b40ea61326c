import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { SEVERITIES, type Severity } from '../policies/policy.ts';
import type { Judging } from '../policies/stored.ts';
import type { PortalStore } from '../store/store.ts';
import { streamGauges } from './stream-metrics.ts';

/** What is counted of one organisation since the portal's start. */
export interface OrganisationMetrics {
  /** A batch was stored; `seconds` is how long storing and judging it took. */
  stored(counted: { accepted: number; duplicates: number; detections: readonly Severity[] }, seconds: number): void;
  rejected(events: number): void;
  /** The same judge, counted. */
  counting(judging: Judging): Judging;
  /** In Prometheus' text format, with what the store says now. */
  text(store: PortalStore, org: string, now: Date): Promise<string>;
}

const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** Begins to count for one organisation. */
export function organisationMetrics(): OrganisationMetrics {
  const registers = [new Registry()];
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter<L>({ name, help, labelNames, registers });
  const events = counter('capsule_events_total', 'Events that agents sent, by what became of them', ['outcome']);
  const batches = counter('capsule_batches_total', 'Requests whose events were stored');
  const judged = counter('capsule_events_judged_total', 'Events that policies judged when they were stored');
  const judging = counter(
    'capsule_judging_seconds_total',
    'Processor time in which policies judged, when events were stored',
  );
  const failures = counter('capsule_policy_failures_total', 'Times a policy could not be evaluated on an event', [
    'reason',
  ]);
  const detections = counter('capsule_detections_total', 'Detections that were found when events were stored', [
    'severity',
  ]);
  const seconds = new Histogram({
    ...{ name: 'capsule_ingest_seconds', help: 'Time to store and judge one request', buckets: SECONDS, registers },
  });
  for (const outcome of ['accepted', 'duplicate', 'rejected']) events.inc({ outcome }, 0);
  for (const severity of SEVERITIES) detections.inc({ severity }, 0);
  for (const reason of ['error', 'time']) failures.inc({ reason }, 0);
  const look = gauges(registers);
  return {
    stored(counted, took) {
      events.inc({ outcome: 'accepted' }, counted.accepted);
      events.inc({ outcome: 'duplicate' }, counted.duplicates);
      for (const severity of counted.detections) detections.inc({ severity });
      batches.inc();
      seconds.observe(took);
    },
    rejected: (count) => events.inc({ outcome: 'rejected' }, count),
    counting: (judge) => ({
      ready: (policies) => judge.ready(policies),
      judge(rules, asked) {
        const begun = process.threadCpuUsage();
        const judgement = judge.judge(rules, asked);
        const { user, system } = process.threadCpuUsage(begun);
        judging.inc((user + system) / 1e6);
        judged.inc(asked.length - judgement.unjudged.length);
        failures.inc({ reason: 'error' }, judgement.failures.length);
        failures.inc({ reason: 'time' }, judgement.slow.length);
        return judgement;
      },
    }),
    async text(store, org, now) {
      await look(store, org, now);
      return registers[0]?.metrics() ?? '';
    },
  };
}

const STATES = ['reporting', 'quiet', 'missing', 'needs-attention', 'waiting', 'revoked'] as const;

/** What is true now, asked when somebody looks. Labels have few values, all of them known beforehand. */
function gauges(registers: Registry[]): (store: PortalStore, org: string, now: Date) => Promise<void> {
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge<L>({ name, help, labelNames, registers });
  const agents = gauge('capsule_agents', 'Agents by state', ['state']);
  const open = gauge('capsule_detections_open', 'Detections that nobody has settled', ['severity']);
  const unjudged = gauge('capsule_events_unjudged', 'Stored events that were not judged yet', ['state']);
  const waiting = gauge('capsule_outbox_events', 'Events that wait on devices, as their agents last said');
  const bytes = gauge('capsule_outbox_bytes', 'Bytes that wait on devices, as their agents last said');
  const age = gauge('capsule_outbox_oldest_seconds', 'Age of the event that waits longest on a device; 0 for none');
  const halted = gauge('capsule_upgrades_halted', 'Versions that are offered to no further ring because they failed');
  const lookAtStreams = streamGauges(registers);
  return async (store, org, now) => {
    await lookAtStreams(store.streams, org, now);
    const halts = await store.upgrades.halts(org);
    halted.set(halts.filter(({ resumedAt }) => resumedAt === null).length);
    const states = await store.agents.states(org, {}, now);
    for (const state of STATES) agents.set({ state }, states[state] ?? 0);
    const counts = await store.detections.counts(org);
    for (const severity of SEVERITIES) {
      const own = counts.filter((each) => each.severity === severity && OPEN.has(each.state));
      open.set(
        { severity },
        own.reduce((sum, { count }) => sum + count, 0),
      );
    }
    const health = await store.policies.health(org);
    unjudged.set({ state: 'waiting' }, health.waiting);
    unjudged.set({ state: 'given-up' }, health.givenUp);
    const outboxes = await store.agents.outboxes(org);
    waiting.set(outboxes.events);
    bytes.set(outboxes.bytes);
    age.set(outboxes.oldest === null ? 0 : Math.max(0, (now.getTime() - Date.parse(outboxes.oldest)) / 1000));
  };
}
const OPEN: ReadonlySet<string> = new Set(['open', 'in_review']);
