const KEPT = Symbol.for('capsule-test-made-once');

/** What is dear to make and the same for every test file: made once in a process, whose modules of tests are made anew. */
export function madeOnce<T>(name: string, make: () => T): T {
  const process = globalThis as { [KEPT]?: Map<string, unknown> };
  process[KEPT] ??= new Map();
  if (!process[KEPT].has(name)) process[KEPT].set(name, make());
  return process[KEPT].get(name) as T;
}
