/** Tests may run as root, which no permission stops. */

/** Whether this process may do what file permissions forbid. */
export const isRoot = process.geteuid?.() === 0;

/**
 * Does `work` as a user whom file permissions bind: as `nobody` when the tests run as root. Synchronous, so that nothing else
 * of this process runs meanwhile.
 */
export function unprivileged<T>(work: () => T): T {
  if (!isRoot) return work();
  process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}
