import { parseSessionRecord } from '../kiro/session-records-1x.ts';
import type { NormalizerState } from './normalizer-state-1x.ts';

/** The normaliser's state without any text of the user's: held records are named by their ordinals. */
export type StoredState = Omit<NormalizerState, 'held'> & { held: number[] };

/** The state without any text: held records are named by their ordinals. */
export function storeState({ held, ...rest }: NormalizerState): StoredState {
  return { ...rest, held: Object.keys(held).map(Number) };
}

/** The state with its held records, each read again from its line by `readLine(offset)`. */
export async function restoreState(
  { held, ...rest }: StoredState,
  readLine: (offset: number) => Promise<string | null>,
): Promise<NormalizerState> {
  const state: NormalizerState = { ...rest, held: {} };
  for (const ordinal of held) {
    const line = await readLine(ordinal - 1);
    const record = line === null ? null : parseSessionRecord(line);
    if (record !== null) state.held[ordinal] = record;
  }
  return state;
}
