/** Waits, in ms, without giving other code a turn: what is done under the record's lock is done in one go. */
export function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
