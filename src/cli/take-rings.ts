/** Takes rings in from both doors, has their sessions read, and lets a ring stand for its turn when there is no record of it. */
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import type { CaptureContext } from '../capture/capture-context.ts';
import type { Host } from '../core/host.ts';
import type { Outbox } from '../relay/outbox.ts';
import { probeIdOf } from '../relay/probe.ts';
import type { Ring } from '../relay/ring.ts';
import { removeRing, ringUnderWay, waitingRings } from '../relay/rings-folder.ts';
import { RECORD_LIMIT_MS, ringVerdict, turnFromRing } from './answer-rings.ts';
import { gather } from './gather.ts';

export type Door = 'folder' | 'socket';

export interface RingNeeds {
  outbox: Outbox;
  /** Reads what the ring is about; everything when it does not say. */
  read(ring: Ring): Promise<void>;
  /** The ring of a `diagnose --probe`: no turn ended. Durable when it returns. */
  probe(id: string, ring: Ring, door: Door): void;
  context(): CaptureContext;
  /** As `setTimeout`; what `then` throws or rejects with is the caller's to handle. */
  later(ms: number, then: () => void | Promise<void>): () => void;
  /** Events were added. */
  added(): void;
}

export interface TakenRing {
  /** Resolves once the ring is durable; rejects when it could not be kept. */
  noted: Promise<void>;
  /** Resolves once what it is about has been read, too. */
  read: Promise<void>;
}

export interface RingTaking {
  /** One ring, from the socket. Those that come together become durable together. */
  take(ring: Ring): TakenRing;
  /** Every ring that waits in the folder. */
  takeWaiting(): Promise<void>;
  /** For whoever has time: resolves when none has come by the socket for a moment, at most some 50 ms later. */
  quiet(): Promise<void>;
  stop(): void;
}

/** Where many ring, the next one comes within this. */
const CALM_MS = 5;
/** Whoever lets rings go first gets on nevertheless, however many come. */
const LONGEST_MS = 50;

/** When to look again for the rest of a ring that was seen half-written: its writer's last word may go unnoticed. */
const UNDER_WAY_MS = 1_000;

/**
 * A ring is noted in the database before its file goes, so that a kill in between loses nothing. The file was never synced, so
 * its note need not be either: the events that it leads to are, a moment later, and take it along; so is what waits for longer.
 * Who rings over the socket is told that it is durable, and so it is.
 */
export function takeRings(host: Host, needs: RingNeeds): RingTaking {
  const { outbox } = needs;
  let forget = () => {};
  let lookNoMore = () => {};
  let looking: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  /** Whether there may be rings that are noted, and lost if the power fails. */
  let unkept = false;
  /** By the socket. */
  let lastTaken = Number.NEGATIVE_INFINITY;
  /** Rings came together by the socket, so more may. */
  let crowded = false;
  const unread = new Map<string, Ring>();
  let reading: Promise<void> | undefined;

  /** From here on they outlive this process. Answers those that tell of a turn. */
  const note = (rings: readonly Ring[], door: Door): Ring[] => {
    if (stopped) return [];
    const turns = rings.filter((ring) => probeIdOf(ring.sessionId) === null);
    for (const ring of rings) {
      const probe = probeIdOf(ring.sessionId);
      if (probe === null) continue;
      needs.probe(probe, ring, door);
      removeRing(host.own.rings, ring.name);
    }
    const durability = door === 'folder' ? 'unsynced' : 'synced';
    const fresh = outbox.together(() => {
      const noted = turns.filter((ring) => outbox.noteRing(ring));
      countWhereAllowed(noted);
      return noted;
    }, durability);
    unkept ||= door === 'folder' && fresh.length > 0;
    for (const { name } of turns) removeRing(host.own.rings, name);
    for (const [ring, ...more] of Map.groupBy(fresh, placeOf).values()) {
      if (ring !== undefined)
        host.log.info('ring', { from: ring.from, session: ring.sessionId, count: 1 + more.length });
    }
    return turns;
  };

  /** A folder's level is asked once for all of its rings, because each time the settings' files are looked at. */
  const countWhereAllowed = (rings: readonly Ring[]) => {
    if (rings.length === 0) return;
    const { levelFor } = needs.context();
    for (const [cwd, there] of Map.groupBy(rings, (ring) => ring.cwd))
      if (levelFor(cwd) !== 'off') for (const ring of there) outbox.countRing(ring);
  };

  const noteSoon = gather((rings: Ring[]) => {
    if (stopped) throw new Error('the daemon is stopping');
    return note(rings, 'socket');
  });

  const take = (ring: Ring): TakenRing => {
    lastTaken = performance.now();
    const turns = noteSoon.add(ring);
    const read = (together: readonly Ring[]) => {
      crowded ||= together.length > 1;
      return readPlaces(together.includes(ring) ? [ring] : []);
    };
    return { noted: turns.then(() => {}), read: turns.then(read) };
  };

  /** A week of rings tells of few sessions and folders, and each is read once, however many ring before its turn comes. */
  const readPlaces = (rings: readonly Ring[]): Promise<void> => {
    for (const ring of rings) unread.set(placeOf(ring), ring);
    // Not begun at once: it may be done at once, and then it would have ended before it was noted.
    reading ??= Promise.resolve().then(readUnread);
    return reading;
  };

  const readUnread = async () => {
    try {
      for (const [place, ring] of unread) {
        // Whoever rings waits for an answer, and nobody for a reading that the next ring asks for again.
        if (crowded) await quiet();
        crowded = false;
        unread.delete(place);
        await needs.read(ring);
      }
      if (!stopped) settle();
    } finally {
      reading = undefined;
    }
  };

  /** Closes the rings that have found their turn or waited long enough, and comes back for the others. */
  const settle = () => {
    const open = Map.groupBy(outbox.openRings(), (ring) => judge(ring));
    const answered = open.get('answered') ?? [];
    if (answered.length > 0) outbox.answerRings(answered.map(({ name }) => name));
    for (const ring of open.get('unanswered') ?? []) {
      // Judged again, because what stands in for one ring answers the others of its place.
      if (judge(ring) === 'unanswered') standIn(ring);
      outbox.answerRings([ring.name]);
    }
    const waiting = open.get('wait') ?? [];
    if (unkept && waiting.length > 0) outbox.keepOpenRings();
    unkept = false;
    forget();
    forget = waiting.length === 0 ? () => {} : needs.later(RECORD_LIMIT_MS, () => settle());
  };

  const judge = (ring: Ring) => {
    const place = ring.sessionId ?? ring.cwd;
    return ringVerdict(ring, {
      now: host.now(),
      sessionKnown: ring.sessionId !== null && outbox.knowsSession(ring.sessionId),
      lastActivity: place === null ? outbox.lastEvent() : outbox.lastActivity(place),
    });
  };

  const standIn = (ring: Ring) => {
    const { device, kiroVersion, levelFor } = needs.context();
    const level = levelFor(ring.cwd);
    host.log.warn('no record of a turn was found', { session: ring.sessionId, from: ring.from });
    if (level === 'off') return;
    outbox.commit({ events: [turnFromRing(ring, { device, kiroVersion, level })] });
    needs.added();
  };

  const takeAll = async () => {
    const places = new Map<string, Ring>();
    for (const portion of waitingRings(host.own.rings, host.now())) {
      for (const ring of note(portion, 'folder')) places.set(placeOf(ring), ring);
      await nextTurn();
    }
    await readPlaces([...places.values()]);
    if (stopped) return;
    lookNoMore();
    const underWay = ringUnderWay(host.own.rings, host.now());
    lookNoMore = underWay ? needs.later(UNDER_WAY_MS, takeWaiting) : () => {};
  };

  /** Taking a ring changes the folder, and each change asks for another look: those become one. */
  const takeWaiting = () => {
    again = looking !== undefined;
    looking ??= untilNoMore().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  const untilNoMore = async () => {
    do {
      again = false;
      await takeAll();
    } while (again && !stopped);
  };

  const quiet = async () => {
    const until = performance.now() + LONGEST_MS;
    for (;;) {
      await nextTurn();
      await noteSoon.quiet();
      const now = performance.now();
      if (now - lastTaken >= CALM_MS || now >= until) return;
      await wait(CALM_MS);
    }
  };

  return {
    take,
    takeWaiting,
    quiet,
    stop() {
      stopped = true;
      forget();
      lookNoMore();
    },
  };
}

function placeOf({ sessionId, cwd }: Ring): string {
  return JSON.stringify([sessionId, cwd]);
}
