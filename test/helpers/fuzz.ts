import type fc from 'fast-check';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

/**
 * How many documents each property is held to: a few hundred, or `FUZZ_RUNS` for a long look, whose seed is printed so that
 * `FUZZ_SEED` can repeat it (a failure prints it anyhow). `cost` is how many times dearer than an edit of a text one run is.
 */
export function fuzzRuns(cost = 1): fc.Parameters<unknown> {
  const long = process.env.FUZZ_RUNS;
  return { seed, numRuns: Math.max(10, Math.ceil(Number(long ?? 400) / cost)) };
}

if (process.env.FUZZ_RUNS !== undefined) {
  process.stderr.write(`properties: ${process.env.FUZZ_RUNS} runs each, FUZZ_SEED=${seed}\n`);
}
