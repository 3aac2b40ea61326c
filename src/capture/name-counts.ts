/** How often each name came. */
export type NameCounts = Record<string, number>;

/** More different names than any Kiro's; a file made to flood us with them fills one last name. */
const MOST_NAMES = 200;
export const OTHER_NAMES = '(others)';

/** The sums of several counts. Pure. */
export function sumCounts(...counts: readonly NameCounts[]): NameCounts {
  const sums = new Map<string, number>();
  for (const [name, count] of counts.flatMap((each) => Object.entries(each))) {
    const counted = sums.has(name) || sums.size < MOST_NAMES ? name : OTHER_NAMES;
    sums.set(counted, (sums.get(counted) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}
