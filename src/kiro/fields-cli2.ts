import { isoTime } from './iso-time.ts';

/** From here on a number of seconds would be in the year 5138, so it counts milliseconds. */
const MILLISECONDS_FROM = 100_000_000_000;

/** A moment as Kiro CLI writes it, in ISO 8601 UTC: a text, seconds, or milliseconds (kiro/README C4); null when it is none. */
export function moment(stamp: unknown): string | null {
  if (typeof stamp === 'string') return isoTime(stamp);
  if (typeof stamp !== 'number') return null;
  return isoTime(stamp < MILLISECONDS_FROM ? stamp * 1000 : stamp);
}
