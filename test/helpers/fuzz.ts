import type fc from 'fast-check';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const share = Number(process.env.CAPSULE_TEST_RUNS ?? 0.25);

/**
 * How many runs a dear property is held to: a quarter of `whole` at a desk, all of it in CI (`CAPSULE_TEST_RUNS=1`), never
 * fewer than ten. Each time others, so what a quarter misses the next one may find.
 */
export const runs = (whole: number): fc.Parameters<unknown> => ({ numRuns: Math.max(10, Math.ceil(whole * share)) });

/**
 * The same for what takes documents: 400 as a whole, or `FUZZ_RUNS` for a long look, whose seed is printed so that `FUZZ_SEED`
 * can repeat it (a failure prints it anyhow). `cost` is how many times dearer than an edit of a text one run is.
 */
export function fuzzRuns(cost = 1): fc.Parameters<unknown> {
  const long = process.env.FUZZ_RUNS;
  return {
    seed,
    ...(long === undefined ? runs(400 / cost) : { numRuns: Math.max(10, Math.ceil(Number(long) / cost)) }),
  };
}

if (process.env.FUZZ_RUNS !== undefined) {
  process.stderr.write(`properties: ${process.env.FUZZ_RUNS} runs each, FUZZ_SEED=${seed}\n`);
}
