import v8 from 'node:v8';
import vm from 'node:vm';

const IDLE_MS = 30_000;

export interface IdleMemory {
  /** Something happened: the daemon is not idle. */
  busy(): void;
  stop(): void;
}

/**
 * Gives memory back to the system once nothing has happened for half a minute: a burst leaves the heap large, and an idle
 * daemon never allocates enough to make V8 shrink it. One timer after the last burst, none while idle.
 */
export function idleMemory(
  later: (ms: number, then: () => void) => () => void,
  collect: () => void = lastResort(),
): IdleMemory {
  let forget = () => {};
  return {
    busy() {
      forget();
      forget = later(IDLE_MS, collect);
    },
    stop: () => forget(),
  };
}

/** Only this kind of collection returns pages to the system; a plain one was measured to return none. */
function lastResort(): () => void {
  v8.setFlagsFromString('--expose-gc');
  const gc: unknown = vm.runInNewContext('gc');
  v8.setFlagsFromString('--no-expose-gc');
  return () => {
    if (typeof gc === 'function') gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  };
}
