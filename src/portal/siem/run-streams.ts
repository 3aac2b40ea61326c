import { hostname } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { describe } from '../../core/failure.ts';
import type { Log } from '../../core/log.ts';
import type { Reach } from '../reach.ts';
import type { PortalStore } from '../store/store.ts';
import { boundsOf, canShrink, type PortionSize, sizeAfter, WHOLE_SIZE } from './portion-size.ts';
import { type Portion, type Sender, sendPortion } from './send-stream.ts';
import { makeSlots } from './slots.ts';
import type { DueStream, Place } from './stream-store.ts';

const LOOK_MS = 5_000;
/** What comes close together goes together. */
const GATHER_MS = 200;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5 * 60_000;

/** Portions under way at once: each holds up to some MiB. Those that failed have places of their own, so that they hold no other. */
const AT_ONCE = 8;
const FAILING_AT_ONCE = 4;

/** How long to wait after this many failures in a row in ms. A stream is never given up: what it has not sent is in the store. Pure. */
export const waitAfter = (failures: number): number => Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);

export interface Streams {
  sender: Sender;
  /** Something was stored. */
  wake(): void;
  stop(): void;
}

/**
 * Sends what streams have before them, each on its own, so that one that is slow holds neither another nor whoever stores. Of
 * several replicas one does it. A place moves on only after what is before it has arrived, so a portal that is killed sends that
 * again.
 */
export function startStreams(portal: {
  store: PortalStore;
  now: () => Date;
  log: Log;
  version: string;
  reach: Reach;
}): Streams {
  const { store, now, log, version, reach } = portal;
  const stopping = new AbortController();
  const sender: Sender = { version, hostname: hostname(), now, reach, signal: stopping.signal };
  const busy = new Set<string>();
  const again = new Set<string>();
  const sizes = new Map<string, PortionSize>();
  const [places, placesOfFailing] = [makeSlots(AT_ONCE), makeSlots(FAILING_AT_ONCE)];
  let stopped = false;
  let soon: NodeJS.Timeout | undefined;

  /** Longer waits end when it looks by itself. */
  const wakeIn = (ms: number) => {
    if (ms < LOOK_MS && !stopped) setTimeout(wake, ms).unref();
  };
  const isOurs = async () => !stopped && (await store.replicas?.mine('streams')) !== false;
  /** Sends a portion of it as it is by now: it may have been changed, switched off or removed. Answers whether there is more. */
  const sendSome = async (name: string, { org, id }: DueStream): Promise<boolean> => {
    const stream = await store.streams.stillDue(org, id, now().toISOString());
    if (stream === undefined) return false;
    const size = sizes.get(name) ?? WHOLE_SIZE;
    const sent = await sendNext(store, sender, stream, size);
    sizes.set(name, sizeAfter(size, sent.outcome));
    if (sent.waitMs !== undefined) wakeIn(sent.waitMs);
    return sent.more;
  };
  const sendAll = async (name: string, stream: DueStream): Promise<void> => {
    let own = stream.tries === 0 ? places : placesOfFailing;
    for (let more = true; more && (await isOurs()); own = places) {
      const free = await own.take();
      more = await sendSome(name, stream).finally(free);
    }
  };
  const work = async (stream: DueStream): Promise<void> => {
    const name = `${stream.org} ${stream.id}`;
    if (busy.has(name)) return void again.add(name);
    busy.add(name);
    try {
      await sendAll(name, stream);
    } catch (error) {
      if (!stopped) log.error('a stream could not be looked after', { stream: stream.id, reason: describe(error) });
    } finally {
      busy.delete(name);
      // What came after it had looked for the last time.
      if (again.delete(name)) wake();
    }
  };
  const look = async (): Promise<void> => {
    const due = await store.streams.due(now().toISOString());
    if (due.length === 0 || !(await isOurs())) return;
    for (const stream of due) void work(stream);
  };
  const lookSafely = () =>
    void look().catch((error: unknown) => {
      if (!stopped) log.error('looking for streams failed', { reason: describe(error) });
    });
  const wake = () => {
    if (soon !== undefined || stopped) return;
    soon = setTimeout(() => {
      soon = undefined;
      lookSafely();
    }, GATHER_MS).unref();
  };
  store.replicas?.hear((signal) => {
    if (signal === 'missed' || signal.what === 'stored') wake();
  });
  const timer = setInterval(lookSafely, LOOK_MS).unref();
  lookSafely();
  return {
    sender,
    wake,
    stop() {
      stopped = true;
      stopping.abort();
      clearTimeout(soon);
      clearInterval(timer);
    },
  };
}

interface Sent {
  outcome: 'arrived' | 'too-much' | 'other';
  /** There may be more to send at once. */
  more: boolean;
  /** Until it is tried again. */
  waitMs?: number;
}

/** Sends one portion, and notes that it arrived, or why not and when it is tried again. */
async function sendNext(
  { streams }: Pick<PortalStore, 'streams'>,
  sender: Sender,
  stream: DueStream,
  size: PortionSize,
): Promise<Sent> {
  const { place } = stream;
  // SQLite reads at once: between the portions of several streams everything else has its turn.
  await setImmediate();
  const { portion, to, missed } = await readNext(streams, stream, boundsOf(size));
  if (to.position === place.position && to.step === place.step) return { outcome: 'other', more: false };
  const sent = portion.events.length + portion.detections.length;
  const trouble = sent === 0 ? null : await sendPortion(stream, sender, portion);
  if (sender.signal.aborted) return { outcome: 'other', more: false };
  const at = sender.now();
  if (trouble !== null) {
    // With less at a time it may well get through at once.
    const waitMs = trouble.tooMuch && canShrink(size) ? FIRST_WAIT_MS : waitAfter(stream.tries + 1);
    await streams.fail(stream, { trouble: trouble.words, nextAt: new Date(at.getTime() + waitMs).toISOString() });
    return { outcome: trouble.tooMuch ? 'too-much' : 'other', more: false, waitMs };
  }
  const more = await streams.advance(stream, to, { at: at.toISOString(), sent, missed });
  return { outcome: sent === 0 ? 'other' : 'arrived', more };
}

async function readNext(
  streams: PortalStore['streams'],
  { org, place, kinds, severities }: DueStream,
  { events: limit, detections, maxBytes }: ReturnType<typeof boundsOf>,
): Promise<{ portion: Portion; to: Place; missed: number }> {
  const read =
    kinds.length === 0
      ? { events: [], to: place.position, missed: 0 }
      : await streams.eventsAfter(org, place.position, { kinds, limit, maxBytes });
  const found =
    severities.length === 0
      ? { detections: [], to: place.step }
      : await streams.detectionsAfter(org, place.step, { severities, limit: detections });
  return {
    portion: { events: read.events, detections: found.detections },
    to: { position: read.to, step: found.to },
    missed: read.missed,
  };
}
