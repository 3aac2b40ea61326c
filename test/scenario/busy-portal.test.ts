/** A storm on a portal that can take little at a time: the agent's whole link to its portal, many times over, against the real portal. */
import { afterEach, expect, test } from '@jest/globals';
import { PortalLink } from '../../src/cli/portal-link.ts';
import { makeFolder } from '../../src/core/careful-file.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { writeEnrolment } from '../../src/relay/credential.ts';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import { anEvent } from '../helpers/events.ts';
import { until } from '../helpers/machine.ts';
import { startPortal } from '../helpers/portal.ts';
import { tempHost } from '../helpers/temp-home.ts';

const AGENTS = 24;
const EVENTS = 7;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** An agent that has not enrolled yet and holds a turn. Its timers are real, and by itself it would never wait. */
function anAgent(n: number, portal: string, secret: string) {
  const host = tempHost({ now: () => new Date(), random: () => 0 });
  makeFolder(host.own.home);
  const outbox = openOutbox(host.own.database, host.now);
  const deviceId = `device-${n}`;
  const device = { id: deviceId, os: 'linux', user: 'dev' } as const;
  const events = Array.from({ length: EVENTS }, (_, place) =>
    anEvent(place + 1, { id: `event-${n}-${place}`, session: { ...anEvent(1).session, id: `session-${n}` }, device }),
  );
  outbox.commit({ events });
  const waits: number[] = [];
  const link = new PortalLink(host, {
    outbox,
    settings: () => DEFAULT_SETTINGS,
    device: () => ({ deviceId, name: 'laptop', agentVersion: '0.1.0', kiro: [] }),
    report: () => ({ agentVersion: '0.1.0' }),
    later(ms, then) {
      waits.push(ms);
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    turn: async () => {},
  });
  closing.push(async () => {
    await link.stop();
    outbox.close();
  });
  return { link, waits, writeEnrolment: () => writeEnrolment(host.own, { portal, secret }), outbox };
}

test('agents that all come at once are put off unread, come again when they were told to, and have every event there once; people are let in all the while', async () => {
  const portal = await startPortal({ admissionBounds: { underWay: 3, inStore: 1, wait: 5_000 } });
  const secret = await portal.orgToken();
  const agents = Array.from({ length: AGENTS }, (_, n) => anAgent(n, portal.address, secret));
  for (const { writeEnrolment: write } of agents) write();
  for (const { link } of agents) link.refresh();

  const seen = new Set<number>();
  const left = () => agents.filter(({ outbox }) => outbox.counts().events > 0).length;
  await until(
    async () => {
      seen.add((await portal.read('/api/agents')).status);
      seen.add((await fetch(`${portal.address}/api/health`)).status);
      return left() === 0;
    },
    'all have delivered',
    60_000,
  );
  expect(seen).toEqual(new Set([200]));

  const { body } = await portal.read('/api/events?limit=1000');
  const ids = (body.events as { id: string }[]).map(({ id }) => id);
  expect(new Set(ids).size).toBe(AGENTS * EVENTS);
  expect(ids).toHaveLength(AGENTS * EVENTS);

  const metrics = await fetch(`${portal.address}/api/metrics`, {
    headers: { authorization: `Bearer ${await portal.key()}` },
  });
  const shed = /^capsule_requests_shed_total\{route="\/v1\/enroll"\} (\d+)$/m.exec(await metrics.text())?.[1];
  expect(Number(shed)).toBeGreaterThan(0);
  // Each wait is one that the portal asked for, or the one until the next heartbeat.
  const waits = agents.flatMap((agent) => agent.waits);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
  expect(waits.length).toBeGreaterThan(AGENTS);
});
