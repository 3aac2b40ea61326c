/** From what a stretch of a run took to what a fleet needs. Pure. */
import type { Assumptions } from './options.ts';

/** Processor seconds of a stretch, and how long it took. */
export interface Spent {
  seconds: number;
  portal: number;
  /** Of the portal's. */
  judging: number;
  database: number;
}

/** Processor seconds of one event. `portal` holds `judging`; `all` is portal and database. */
export interface PerEvent {
  all: number;
  portal: number;
  judging: number;
  database: number;
}

export function perEventOf({ events, spent }: { events: number; spent: Spent }): PerEvent {
  const each = (seconds: number) => seconds / Math.max(1, events);
  const { portal, judging, database } = spent;
  return { all: each(portal + database), portal: each(portal), judging: each(judging), database: each(database) };
}

/** What one developer asks for at the peak: events a second, and shares of a core in all and of the portal. */
export interface Demand {
  eventsASecond: number;
  cores: number;
  portal: number;
}

/** `perBeat`: processor seconds of a heartbeat, of which one comes every 15 minutes. */
export function demandOf(assumed: Assumptions, eventsATurn: number, perEvent: PerEvent, perBeat: number): Demand {
  const { turnsADay, peak, workingHours } = assumed;
  const eventsASecond = (turnsADay * eventsATurn * peak) / (workingHours * 3600);
  const beats = perBeat / 900;
  return {
    eventsASecond,
    cores: eventsASecond * perEvent.all + beats,
    portal: eventsASecond * perEvent.portal + beats,
  };
}

/**
 * Of a million events: the processor time in which they were worked on; that of the same cores while they wait for the peak,
 * or for the morning; and their room for as long as they are kept.
 */
export function cost(
  cpuSeconds: number,
  roomBytes: number,
  { coreHour, gbMonth, retentionMonths, peak, workingHours, planned }: Assumptions,
): { processor: number; idle: number; storage: number } {
  const processor = ((cpuSeconds * 1e6) / 3600) * coreHour;
  // Cores are held for the busiest minutes, used to a share even then, and paid for at night.
  const held = (peak / planned) * (24 / workingHours);
  return {
    processor,
    idle: processor * (held - 1),
    storage: ((roomBytes * 1e6) / 1e9) * gbMonth * retentionMonths,
  };
}
