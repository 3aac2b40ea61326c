/** Puts the daemon together: what is captured is committed to the outbox, what waits there is delivered. */
import os from 'node:os';
import type { SessionCursor } from '../capture/session-cursor.ts';
import type { Json } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import { createRegistry } from '../kiro/workspaces.ts';
import { startDelivery } from '../relay/delivery.ts';
import { serveLocally } from '../relay/local-server.ts';
import type { Outbox } from '../relay/outbox.ts';
import { askPortal } from '../relay/portal-client.ts';
import { setBaseline } from './baseline.ts';
import { captureGap } from './capture-gap.ts';
import { captureSurroundings } from './capture-surroundings.ts';
import type { DaemonState } from './daemon-state.ts';
import { readDevice } from './device.ts';
import { followSessions, SWEEP_EVERY_MS } from './follow-sessions.ts';
import { followWorkspaces } from './follow-workspaces.ts';
import { heartbeatReport } from './heartbeat-report.ts';
import { keepInTouch } from './keep-in-touch.ts';
import { localRoutes } from './local-routes.ts';
import { takeRings } from './take-rings.ts';
import { watchKiro, watchOwn } from './watch-places.ts';

export interface Daemon {
  /** Resolves when somebody asks for the end over the socket. */
  asked: Promise<void>;
  /** Finishes what is under way, closes everything, and gives the database back. */
  stop(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60_000;

export async function assembleDaemon(
  host: Host,
  outbox: Outbox,
  { supervised, version }: { supervised: boolean; version: string },
): Promise<Daemon> {
  const startedAt = host.now().toISOString();
  const device = readDevice(host);
  const around = captureSurroundings(host, device);
  const asked = Promise.withResolvers<void>();
  const caFile = () => around.settings()['portal.caFile'];

  const touch = keepInTouch(host, {
    ask: askPortal,
    device: () => ({ deviceId: device.id, name: os.hostname(), agentVersion: version, kiro: around.kiro() }),
    caFile,
    report: () => heartbeatReport(state(), around.kiro()),
    later,
    enrolled: () => delivery.wake('credential'),
  });
  const delivery = startDelivery({
    outbox,
    ask: askPortal,
    credential: touch.credential,
    caFile,
    now: host.now,
    random: host.random,
    later,
    changed: () => {},
  });
  const bound = () => {
    const settings = around.settings();
    const oldest = new Date(host.now().getTime() - settings['outbox.maxAgeDays'] * DAY_MS).toISOString();
    const level = settings['content.level'];
    const removed = outbox.bound({ maxBytes: settings['outbox.maxBytes'], oldest }, (loss) =>
      captureGap(loss, { device: around.context().device, level }),
    );
    if (removed > 0) host.log.error('events were removed to keep the outbox in its bounds', { removed });
  };
  const added = () => {
    bound();
    delivery.wake('events');
  };
  const sessions = followSessions(host, {
    sessionsRoot: around.paths().sessions,
    cursors: { get: (id) => outbox.cursor(id) as SessionCursor | null },
    context: around.context,
    commit: (session, { events, cursor }) => {
      if (outbox.commit({ events, cursor: { session, value: asJson(cursor) } }) > 0) added();
    },
    later,
  });
  const rings = takeRings(host, { outbox, read: sessions.ring, context: around.context, later, added });
  const registry = createRegistry(host, around.paths);
  const workspaces = followWorkspaces(host, {
    scan: () => {
      around.refresh();
      return registry.scan(around.settings());
    },
    hooks: around.hooks,
    changed: touch.look,
  });

  const state = (): DaemonState => ({
    version,
    pid: process.pid,
    startedAt,
    supervised,
    memoryBytes: process.memoryUsage.rss(),
    outbox: outbox.counts(),
    delivery: delivery.state(),
    enrolment: touch.state(),
    capture: { ...sessions.state(), lastRing: outbox.lastRing(), lastEvent: outbox.lastEvent() },
    workspaces: workspaces.counts(),
  });

  const sweep = async () => {
    await Promise.all([rings.takeWaiting(), workspaces.look(), sessions.sweepAll()]);
    bound();
  };

  await setBaseline(around.paths().sessions, outbox, host.now());
  const acts = { now: host.now, state, ring: rings.take, sweep, stop: asked.resolve };
  const server = await serveLocally(host, version, localRoutes(acts));
  const watching = await Promise.all([
    watchKiro(host, around.paths(), { registry: workspaces.look, rings: rings.takeWaiting }),
    watchOwn(host, () => {
      around.refresh();
      touch.look();
      delivery.wake('credential');
      void workspaces.look();
    }),
  ]);
  const timer = setInterval(() => void sweep(), SWEEP_EVERY_MS);
  void sweep();
  touch.look();
  delivery.wake('now');
  host.log.info('started', { version, pid: process.pid, supervised });

  return {
    asked: asked.promise,
    async stop() {
      clearInterval(timer);
      rings.stop();
      await Promise.all(watching.map((each) => each.close()));
      await sessions.stop();
      await Promise.all([delivery.stop(), touch.stop()]);
      await server.close();
      outbox.close();
      host.log.info('stopped', { pid: process.pid });
    },
  };
}

function asJson(cursor: SessionCursor): Json {
  return { ...cursor } as unknown as Json;
}

function later(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
