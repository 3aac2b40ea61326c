/** Puts the daemon together: what is captured is committed to the outbox, what waits there is delivered. */
import os from 'node:os';
import { withoutMigrated } from '../capture/migrated-sessions.ts';
import type { SessionSource } from '../capture/session-source.ts';
import { source0x } from '../capture/source-0x.ts';
import { source1x } from '../capture/source-1x.ts';
import { sourceCli2 } from '../capture/source-cli2.ts';
import type { Host } from '../core/host.ts';
import { migratedAt } from '../kiro/migration-0x.ts';
import { createRegistry } from '../kiro/workspaces.ts';
import { Delivery } from '../relay/delivery.ts';
import { serveLocally } from '../relay/local-server.ts';
import type { Outbox } from '../relay/outbox.ts';
import { askPortal } from '../relay/portal-client.ts';
import { setBaseline } from './baseline.ts';
import { captureGap } from './capture-gap.ts';
import { type CaptureSurroundings, captureSurroundings } from './capture-surroundings.ts';
import type { DaemonState } from './daemon-state.ts';
import { type Device, readDevice } from './device.ts';
import { dispatcherFiles } from './dispatcher-files.ts';
import { SessionFollower, SWEEP_EVERY_MS } from './follow-sessions.ts';
import { type FollowingWorkspaces, followWorkspaces } from './follow-workspaces.ts';
import { heartbeatReport } from './heartbeat-report.ts';
import { Touch } from './keep-in-touch.ts';
import { type LocalActs, localRoutes } from './local-routes.ts';
import { type RingTaking, takeRings } from './take-rings.ts';
import { watchDrift } from './watch-drift.ts';
import { watchKiro, watchOwn } from './watch-places.ts';

const DAY_MS = 24 * 60 * 60_000;

export interface DaemonStart {
  version: string;
  /** A service manager started it. */
  supervised: boolean;
}

/** The parts of a running daemon, and what they tell each other. */
export class Daemon {
  readonly #host: Host;
  readonly #outbox: Outbox;
  readonly #start: DaemonStart & { startedAt: string };
  readonly #device: Device;
  readonly #around: CaptureSurroundings;
  readonly #touch: Touch;
  readonly #delivery: Delivery;
  readonly #sources: readonly SessionSource[];
  readonly #sessions: SessionFollower;
  readonly #rings: RingTaking;
  readonly #workspaces: FollowingWorkspaces;
  readonly #asked = Promise.withResolvers<void>();
  /** `capture.cli`, as the reading under way heeds it. */
  #capturesCli = false;
  #closing: (() => Promise<void>)[] = [];

  constructor(host: Host, outbox: Outbox, start: DaemonStart) {
    this.#host = host;
    this.#outbox = outbox;
    this.#start = { ...start, startedAt: host.now().toISOString() };
    this.#device = readDevice(host);
    this.#around = captureSurroundings(host, this.#device);
    this.#touch = this.#makeTouch();
    this.#delivery = this.#makeDelivery();
    const userDataDirs = () => this.#around.paths().userDataDirs;
    const of1x = source1x(host, () => this.#around.paths().sessions);
    this.#sources = [
      withoutMigrated(of1x, (session) => migratedAt(userDataDirs(), session)),
      source0x(host, userDataDirs),
      sourceCli2(host, this.#around.paths, () => this.#capturesCli),
    ];
    this.#sessions = this.#makeSessions();
    this.#rings = takeRings(host, {
      outbox,
      read: (ring) => this.#sessions.ring(ring),
      context: this.#around.context,
      later,
      added: () => this.#added(),
    });
    this.#workspaces = this.#makeWorkspaces();
  }

  /** Resolves when somebody asks for the end over the socket. */
  get asked(): Promise<void> {
    return this.#asked.promise;
  }

  /** Opens the socket, then looks at everything once and watches from there. Throws `socket-unusable`. */
  async begin(): Promise<void> {
    const { version, supervised } = this.#start;
    const paths = this.#around.paths();
    await this.#beginStores();
    const server = await serveLocally(this.#host, version, localRoutes(this.#acts()));
    const kiro = await watchKiro(this.#host, paths, {
      registry: () => void this.#workspaces.look(),
      rings: () => void this.#rings.takeWaiting(),
      cli: () => void this.#sessions.sweepStore('cli-2'),
    });
    const own = await watchOwn(this.#host, () => this.#refresh());
    const drift = await watchDrift(paths, later, () => void this.#workspaces.look());
    const timer = setInterval(() => void this.#sweep(), SWEEP_EVERY_MS);
    this.#closing = [async () => clearInterval(timer), kiro.close, own.close, drift.close, server.close];
    void this.#sweep();
    this.#touch.look();
    this.#delivery.wake('now');
    this.#host.log.info('started', { version, pid: process.pid, supervised });
  }

  /** Finishes what is under way, closes everything, and gives the database back. */
  async stop(): Promise<void> {
    this.#rings.stop();
    this.#workspaces.stop();
    await Promise.all(this.#closing.map((close) => close()));
    await this.#sessions.stop();
    await Promise.all([this.#delivery.stop(), this.#touch.stop()]);
    this.#outbox.close();
    this.#host.log.info('stopped', { pid: process.pid });
  }

  #state(): DaemonState {
    const outbox = this.#outbox;
    return {
      ...this.#start,
      pid: process.pid,
      memoryBytes: process.memoryUsage.rss(),
      outbox: outbox.counts(),
      delivery: this.#delivery.state(),
      enrolment: this.#touch.state(),
      capture: { ...this.#sessions.state(), lastRing: outbox.lastRing(), lastEvent: outbox.lastEvent() },
      workspaces: this.#workspaces.counts(),
      drift: this.#workspaces.drift(),
    };
  }

  #acts(): LocalActs {
    return {
      now: () => this.#host.now(),
      state: () => this.#state(),
      ring: (ring) => void this.#rings.take(ring),
      sweep: () => this.#sweep(),
      stop: () => this.#asked.resolve(),
    };
  }

  async #sweep(): Promise<void> {
    await Promise.all([this.#rings.takeWaiting(), this.#workspaces.look(), this.#sessions.sweepAll()]);
    this.#bound();
  }

  /** Heeds what is switched on and off, and begins with what has just been switched on. */
  async #beginStores(): Promise<void> {
    const captured = this.#around.settings()['capture.cli'];
    if (captured !== this.#capturesCli) this.#host.log.info('kiro cli', { captured });
    this.#capturesCli = captured;
    await setBaseline(this.#sources, this.#outbox, this.#host.now());
  }

  /** Our own files changed: settings, an enrolment, a credential. */
  #refresh(): void {
    this.#around.refresh();
    // Between two readings, so that none sees a store that is switched on and has no baseline yet.
    void this.#sessions.between('baseline', () => this.#beginStores());
    this.#touch.look();
    this.#delivery.wake('credential');
    void this.#workspaces.look();
  }

  #added(): void {
    this.#bound();
    this.#delivery.wake('events');
  }

  #bound(): void {
    const settings = this.#around.settings();
    const oldest = new Date(this.#host.now().getTime() - settings['outbox.maxAgeDays'] * DAY_MS).toISOString();
    const removed = this.#outbox.bound({ maxBytes: settings['outbox.maxBytes'], oldest }, (loss) =>
      captureGap(loss, { device: this.#around.context().device, level: settings['content.level'] }),
    );
    if (removed > 0) this.#host.log.error('events were removed to keep the outbox in its bounds', { removed });
  }

  #makeTouch(): Touch {
    return new Touch(this.#host, {
      ask: askPortal,
      device: () => ({
        deviceId: this.#device.id,
        name: os.hostname(),
        agentVersion: this.#start.version,
        kiro: this.#around.kiro().map(({ generation, version }) => ({ generation, version })),
      }),
      caFile: () => this.#around.settings()['portal.caFile'],
      report: () => heartbeatReport(this.#state(), this.#around.kiro()),
      later,
      enrolled: () => this.#delivery.wake('credential'),
    });
  }

  #makeDelivery(): Delivery {
    const { now, random } = this.#host;
    return new Delivery({
      outbox: this.#outbox,
      ask: askPortal,
      credential: () => this.#touch.credential(),
      caFile: () => this.#around.settings()['portal.caFile'],
      now,
      random,
      later,
      changed: () => {},
    });
  }

  #makeSessions(): SessionFollower {
    return new SessionFollower(this.#host, {
      sources: this.#sources,
      cursors: { get: (store, id) => this.#outbox.cursor(store, id) },
      context: this.#around.context,
      commit: (store, session, { events, cursor }) => {
        if (this.#outbox.commit({ events, cursor: { store, session, value: cursor } }) > 0) this.#added();
      },
      later,
    });
  }

  #makeWorkspaces(): FollowingWorkspaces {
    const registry = createRegistry(this.#host, this.#around.paths);
    return followWorkspaces(this.#host, {
      scan: () => {
        this.#around.refresh();
        return registry.scan(this.#around.settings());
      },
      wanted: () => ({
        paths: this.#around.paths(),
        hooks: this.#around.hooks(),
        exclude: this.#around.settings()['workspaces.exclude'],
        dispatcher: dispatcherFiles(this.#host.own),
      }),
      later,
      changed: () => this.#touch.look(),
    });
  }
}

function later(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
