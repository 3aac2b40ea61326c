import { hostname } from 'node:os';
import { describe } from '../../core/failure.ts';
import type { Log } from '../../core/log.ts';
import type { Reach } from '../reach.ts';
import type { PortalStore } from '../store/store.ts';
import { type Sender, sendPortion } from './send-stream.ts';
import type { DueStream, Place } from './stream-store.ts';

/** Of a portion: what a stream holds in memory at a time. */
const EVENTS = 500;
const DETECTIONS = 100;
const MAX_BYTES = 1024 * 1024;

const LOOK_MS = 5_000;
/** What comes close together goes together. */
const GATHER_MS = 200;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5 * 60_000;

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
  const sender: Sender = { version, hostname: hostname(), now, reach };
  const busy = new Set<string>();
  let stopped = false;
  let soon: NodeJS.Timeout | undefined;

  const work = async (stream: DueStream): Promise<void> => {
    const name = `${stream.org} ${stream.id}`;
    if (busy.has(name)) return;
    busy.add(name);
    try {
      let place: Place | undefined = stream.place;
      while (place !== undefined && !stopped)
        place = await sendNext(store, sender, { ...stream, place }, () => stopped);
    } catch (error) {
      if (!stopped) log.error('a stream could not be looked after', { stream: stream.id, reason: describe(error) });
    } finally {
      busy.delete(name);
    }
  };
  const look = async (): Promise<void> => {
    const due = await store.streams.due(now().toISOString());
    if (due.length === 0 || stopped || (await store.replicas?.mine('streams')) === false) return;
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
      clearTimeout(soon);
      clearInterval(timer);
    },
  };
}

/** Sends one portion; answers from where the next one goes on, undefined when there is none or it has to wait. */
export async function sendNext(
  { streams }: Pick<PortalStore, 'streams'>,
  sender: Sender,
  stream: DueStream,
  isStopped: () => boolean,
): Promise<Place | undefined> {
  const { org, place, kinds, severities } = stream;
  const read =
    kinds.length === 0
      ? { events: [], to: place.position, missed: 0 }
      : await streams.eventsAfter(org, place.position, { kinds, limit: EVENTS, maxBytes: MAX_BYTES });
  const found =
    severities.length === 0
      ? { detections: [], to: place.step }
      : await streams.detectionsAfter(org, place.step, { severities, limit: DETECTIONS });
  const to: Place = { position: read.to, step: found.to };
  if (to.position === place.position && to.step === place.step) return undefined;
  const sent = read.events.length + found.detections.length;
  const trouble =
    sent === 0 ? null : await sendPortion(stream, sender, { events: read.events, detections: found.detections });
  if (isStopped()) return undefined;
  const at = sender.now();
  if (trouble !== null) {
    const nextAt = new Date(at.getTime() + waitAfter(stream.tries + 1)).toISOString();
    await streams.fail(stream, { trouble, nextAt });
    return undefined;
  }
  const moved = await streams.advance(stream, to, { at: at.toISOString(), sent, missed: read.missed });
  return moved ? to : undefined;
}
