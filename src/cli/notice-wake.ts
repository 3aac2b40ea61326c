import os from 'node:os';

const LOOK_EVERY_MS = 60_000;
/** A timer that comes a minute late was not late: the machine slept, or its clock was set. */
const SLEPT_FROM_MS = 60_000;

export interface WakeNeeds {
  now(): Date;
  /** What tells one network from another, as one text. */
  network(): string;
  later(ms: number, then: () => void): () => void;
  /** Every minute, whatever happened. */
  minute(): void;
  /** The machine slept, or its clock was set forward. */
  woke(sleptMs: number): void;
  /** Another network than a minute ago. */
  moved(): void;
}

/** Looks once a minute, the only regular timer of an idle daemon, whether the world has changed. Answers how to stop. */
export function noticeWake(needs: WakeNeeds): () => void {
  let expected = needs.now().getTime() + LOOK_EVERY_MS;
  let network = needs.network();
  const look = () => {
    const late = needs.now().getTime() - expected;
    const there = needs.network();
    if (late > SLEPT_FROM_MS) needs.woke(late);
    else if (there !== network) needs.moved();
    network = there;
    expected = needs.now().getTime() + LOOK_EVERY_MS;
    needs.minute();
    forget = needs.later(LOOK_EVERY_MS, look);
  };
  let forget = needs.later(LOOK_EVERY_MS, look);
  return () => forget();
}

/** The addresses of this machine, but for its own: another place, another text. */
export function networkHere(): string {
  const addresses = Object.values(os.networkInterfaces()).flatMap((each = []) => each);
  return addresses
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)
    .sort()
    .join(' ');
}
