import type { Ring, RingsAnswer, UpgradeRings } from '../../installers/rings-schema.ts';
import { counted, number } from '../format.ts';
import { nowWaitingForNobody } from './rings-draft.ts';

/** What the agents in no ring are called. */
export const OTHERS = 'Everybody else';

/** Who is in a ring. Pure. */
export function whoWords({ percent, users, devices }: Pick<Ring, 'percent' | 'users' | 'devices'>): string {
  const parts = [
    ...(users.length === 0 ? [] : [`users ${listed(users)}`]),
    ...(devices.length === 0 ? [] : [`devices ${listed(devices)}`]),
    ...(percent === 0 ? [] : [`${number(percent)} % of the agents that no ring names`]),
  ];
  return parts.length === 0 ? 'nobody yet' : parts.join('; ');
}

const SHOWN = 8;
const listed = (names: readonly string[]): string =>
  names.length <= SHOWN
    ? names.join(', ')
    : `${names.slice(0, SHOWN).join(', ')} and ${number(names.length - SHOWN)} more`;

/** What a ring takes, whenever. Pure. */
export const takesWords = (upTo: string | null): string =>
  upTo === null ? 'takes nothing for now' : upTo === 'newest' ? 'takes the newest version' : `takes up to ${upTo}`;

/** After which ring, and how long. Pure. */
export const afterWords = (daysAfter: number, before: string): string =>
  daysAfter === 0 ? `once ring ${before} has begun` : `${counted(daysAfter, 'day')} after ring ${before} has begun`;

/** Why a version is halted. Pure. */
export const haltWords = ({ ring, offered, failed }: RingsAnswer['halts'][number]): string =>
  `It failed on ${number(failed)} of ${counted(offered, 'agent')} that it was offered to in ${ring === null ? 'no ring' : `ring ${ring}`}.`;

/** Which rings a change lets go at once that waited for another; empty for none. Pure. */
export const freedWords = (before: UpgradeRings, after: UpgradeRings): string =>
  nowWaitingForNobody(before, after)
    .map((name) => `${name ?? OTHERS} waits for no ring before it any more.`)
    .join(' ');
