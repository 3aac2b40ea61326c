/** Puts the daemon together: what is captured is committed to the outbox, what waits there is delivered. */
import os from 'node:os';
import type { SessionSource } from '../capture/session-source.ts';
import type { Host } from '../core/host.ts';
import { type LocalServing, serveLocally } from '../relay/local-server.ts';
import type { Outbox } from '../relay/outbox.ts';
import { setBaseline } from './baseline.ts';
import { captureGap, damageGap } from './capture-gap.ts';
import { type CaptureSurroundings, captureSurroundings } from './capture-surroundings.ts';
import { fillingOf, sourcesOf, workspacesOf } from './daemon-parts.ts';
import type { DaemonState } from './daemon-state.ts';
import { type Device, readDevice } from './device.ts';
import type { Filling } from './follow-backfill.ts';
import { type FollowedProbes, followProbes } from './follow-probes.ts';
import { SessionFollower, SWEEP_EVERY_MS } from './follow-sessions.ts';
import type { FollowingWorkspaces } from './follow-workspaces.ts';
import { heartbeatReport } from './heartbeat-report.ts';
import { idleMemory } from './idle-memory.ts';
import { type KeptInventories, keepInventories } from './inventory-memory.ts';
import { Links } from './links.ts';
import { type LocalActs, localRoutes } from './local-routes.ts';
import { networkHere, noticeWake } from './notice-wake.ts';
import { type PassingTrouble, passingTrouble } from './passing-trouble.ts';
import { type RingTaking, takeRings } from './take-rings.ts';
import { readFailedUpgrade } from './upgrading/failed-upgrade.ts';
import { watchDrift } from './watch-drift.ts';
import { watchKiro, watchOwn } from './watch-places.ts';

const DAY_MS = 24 * 60 * 60_000;
const COVERAGE_DAYS = 6;

export interface DaemonStart {
  version: string;
  /** A service manager started it. */
  supervised: boolean;
  /** Instead of what the setting `capture.backfill` says. */
  backfillDays?: number;
}

/** The parts of a running daemon, and what they tell each other. */
export class Daemon {
  readonly #host: Host;
  readonly #outbox: Outbox;
  readonly #start: DaemonStart & { startedAt: string };
  readonly #device: Device;
  readonly #inventories: KeptInventories;
  readonly #around: CaptureSurroundings;
  readonly #probes: FollowedProbes;
  readonly #links: Links;
  readonly #sources: readonly SessionSource[];
  readonly #sessions: SessionFollower;
  readonly #filling: Filling;
  readonly #rings: RingTaking;
  readonly #workspaces: FollowingWorkspaces;
  readonly #memory = idleMemory(later);
  readonly #passing: PassingTrouble;
  #serving: LocalServing | undefined;
  #unwatched: () => string[] = () => [];
  #swept: Promise<void> = Promise.resolve();
  readonly #asked = Promise.withResolvers<void>();
  /** `capture.cli`, as the reading under way heeds it. */
  #capturesCli = false;
  #closing: (() => Promise<void>)[] = [];

  constructor(host: Host, outbox: Outbox, start: DaemonStart) {
    this.#host = host;
    this.#outbox = outbox;
    this.#start = { ...start, startedAt: host.now().toISOString() };
    this.#passing = passingTrouble(host, { later, again: () => void this.#sweep() });
    this.#device = readDevice(host);
    this.#inventories = keepInventories(outbox);
    this.#around = captureSurroundings(host, this.#device, this.#inventories);
    this.#probes = followProbes({
      now: host.now,
      outbox,
      device: () => this.#around.context().device,
      added: () => this.#links.deliverNow(),
    });
    this.#links = this.#makeLinks();
    this.#sources = sourcesOf(host, this.#around, () => this.#capturesCli);
    this.#sessions = this.#makeSessions();
    this.#filling = fillingOf(host, {
      outbox,
      sources: this.#sources,
      around: this.#around,
      sessions: this.#sessions,
      added: () => this.#added(),
      later,
    });
    this.#rings = takeRings(host, {
      outbox,
      read: (ring) => this.#sessions.ring(ring),
      probe: this.#probes.take,
      context: this.#around.context,
      later: (ms, then) => later(ms, () => void this.#safely(async () => then())),
      added: () => this.#added(),
    });
    this.#workspaces = workspacesOf(host, { around: this.#around, changed: () => this.#links.report(), later });
  }

  /** Resolves when somebody asks for the end over the socket. */
  get asked(): Promise<void> {
    return this.#asked.promise;
  }

  /** Resolves when everything was looked at once. */
  get swept(): Promise<void> {
    return this.#swept;
  }

  /** Opens the socket, then looks at everything once and watches from there. Throws `socket-unusable`. */
  async begin(): Promise<void> {
    const { version, supervised } = this.#start;
    const paths = this.#around.paths();
    this.#heedSettings();
    await this.#beginStores();
    this.#tellDamage();
    const server = await serveLocally(this.#host, version, localRoutes(this.#acts()));
    const kiro = watchKiro(this.#host, paths, {
      registry: () => void this.#workspaces.look(),
      opened: (entry) => void this.#workspaces.meet(entry),
      rings: () => void this.#takeRings(),
      cli: () => void this.#sessions.sweepStore('cli-2'),
    });
    const own = watchOwn(this.#host, () => this.#refresh());
    const drift = await watchDrift(paths, later, () => void this.#workspaces.look());
    const timer = setInterval(() => void this.#sweep(), SWEEP_EVERY_MS);
    const wake = this.#noticeWake();
    this.#serving = server;
    this.#unwatched = () => [...kiro.unwatched(), ...drift.unwatched()];
    this.#closing = [
      async () => clearInterval(timer),
      async () => wake(),
      kiro.close,
      own.close,
      drift.close,
      server.close,
    ];
    this.#swept = this.#sweep();
    this.#wantBackfill();
    this.#links.refresh();
    this.#host.log.info('started', { version, pid: process.pid, supervised });
  }

  /** Finishes what is under way, closes everything, and gives the database back. */
  async stop(): Promise<void> {
    this.#rings.stop();
    this.#workspaces.stop();
    this.#filling.stop();
    await Promise.all(this.#closing.map((close) => close()));
    await this.#sessions.stop();
    await this.#links.stop();
    this.#memory.stop();
    this.#passing.stop();
    this.#outbox.close();
    this.#host.log.info('stopped', { pid: process.pid });
  }

  #state(): DaemonState {
    const outbox = this.#outbox;
    return {
      ...this.#start,
      pid: process.pid,
      memoryBytes: process.memoryUsage.rss(),
      outbox: { ...outbox.counts(), damage: outbox.damage },
      ...this.#links.state(),
      capture: {
        ...this.#sessions.state(),
        lastRing: outbox.lastRing(),
        lastEvent: outbox.lastEvent(),
        coverage: outbox.coverage(
          new Date(this.#host.now().getTime() - COVERAGE_DAYS * DAY_MS).toISOString().slice(0, 10),
        ),
        backfill: this.#filling.state(),
      },
      workspaces: this.#workspaces.counts(),
      drift: this.#workspaces.drift(),
      unwatched: this.#unwatched(),
      lacks: this.#passing.lacks(),
    };
  }

  #acts(): LocalActs {
    return {
      now: () => this.#host.now(),
      state: () => this.#state(),
      ring: (ring) => {
        const { noted, read } = this.#rings.take(ring);
        void this.#safely(() => read);
        return noted;
      },
      sweep: () => this.#sweep(),
      stop: () => this.#asked.resolve(),
      events: this.#outbox,
      probe: this.#probes.account,
    };
  }

  #sweep(): Promise<void> {
    return this.#safely(async () => {
      this.#outbox.checkPlace();
      await Promise.all([this.#rings.takeWaiting(), this.#workspaces.look(), this.#sessions.sweepAll()]);
      this.#bound();
      this.#links.deliver();
    });
  }

  /** A ring's file without a knock may mean that the socket cannot be found. */
  #takeRings(): Promise<void> {
    return this.#safely(async () => {
      await this.#rings.takeWaiting();
      await this.#serving?.keep();
    });
  }

  #safely(work: () => Promise<void>): Promise<void> {
    this.#memory.busy();
    return this.#passing.survive(work);
  }

  #noticeWake(): () => void {
    const lookAround = (why: string) => {
      this.#host.log.info(why);
      this.#links.comeBack();
    };
    return noticeWake({
      now: this.#host.now,
      network: networkHere,
      later,
      minute: () => {
        this.#outbox.checkPlace();
        void this.#serving?.keep();
        // The organisation's file has no watch: its folder may come later than we do.
        if (this.#around.isStale()) this.#refresh();
      },
      woke: () => {
        lookAround('the machine slept, or its clock was set');
        void this.#sweep();
      },
      moved: () => lookAround('the network changed'),
    });
  }

  #tellDamage(): void {
    const { damage } = this.#outbox;
    if (damage === null) return;
    this.#host.log.error('the outbox was damaged and is a new one now', { ...damage });
    const { device } = this.#around.context();
    const level = this.#around.settings()['content.level'];
    this.#outbox.commit({ events: [damageGap(this.#host.now(), { device, level })] });
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
    void this.#safely(async () => this.#heedSettings());
    this.#wantBackfill();
    // Between two readings, so that none sees a store that is switched on and has no baseline yet.
    void this.#sessions.between('baseline', () => this.#beginStores());
    this.#links.refresh();
    void this.#workspaces.look();
  }

  #heedSettings(): void {
    this.#links.choose();
    this.#outbox.keepSent(this.#around.settings()['outbox.sentMaxBytes']);
  }

  #wantBackfill(): void {
    this.#filling.want(this.#start.backfillDays ?? this.#around.settings()['capture.backfill']);
  }

  #added(): void {
    this.#memory.busy();
    this.#bound();
    this.#links.deliver();
  }

  #bound(): void {
    const settings = this.#around.settings();
    const bounds = {
      maxBytes: settings['outbox.maxBytes'],
      maxAgeMs: settings['outbox.maxAgeDays'] * DAY_MS,
    };
    const removed = this.#outbox.bound(bounds, (loss) =>
      captureGap(loss, { device: this.#around.context().device, level: settings['content.level'] }),
    );
    if (removed > 0) this.#host.log.error('events were removed to keep the outbox in its bounds', { removed });
  }

  #makeLinks(): Links {
    return new Links(this.#host, {
      outbox: this.#outbox,
      version: this.#start.version,
      watching: this.#probes.watching,
      settings: () => this.#around.settings(),
      device: () => ({
        deviceId: this.#device.id,
        name: os.hostname(),
        agentVersion: this.#start.version,
        kiro: this.#around.kiro().map(({ generation, version }) => ({ generation, version })),
      }),
      report: () => heartbeatReport(this.#state(), this.#around.kiro(), readFailedUpgrade(this.#host.own)),
      turn: () => this.#rings.quiet(),
      later,
    });
  }

  #makeSessions(): SessionFollower {
    return new SessionFollower(this.#host, {
      sources: this.#sources,
      cursors: { get: (store, id) => this.#outbox.cursor(store, id) },
      context: this.#around.context,
      commit: (store, session, { events, cursor }) => {
        const facts = this.#inventories.take();
        if (this.#outbox.commit({ events, facts, cursor: { store, session, value: cursor } }) > 0) this.#added();
      },
      later,
    });
  }
}

function later(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
