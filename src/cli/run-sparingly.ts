import v8 from 'node:v8';

/**
 * Makes this process content with little memory. Reading makes much that lives for a moment, of Kiro 0.x in texts of megabytes:
 * collected early it never adds up. And what a quiet day runs is not worth V8's optimising compilers, whose code alone is 5 MB
 * once it is touched: they are for work that lasts. Of what lives for a moment there is a megabyte at most: sharing out its
 * collection among threads costs more than the collection. Measured in test/bench.
 */
export function runSparingly(): void {
  for (const flag of FLAGS) v8.setFlagsFromString(flag);
}

const FLAGS = [
  '--semi-space-growth-factor=1',
  '--no-parallel-scavenge',
  '--heap-growing-percent=60',
  '--invocation-count-for-maglev=4000',
  '--invocation-count-for-turbofan=30000',
  '--invocation-count-for-maglev-osr=1000',
  '--invocation-count-for-osr=5000',
];
