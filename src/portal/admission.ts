import { Refusal } from './answer.ts';
import { measureAnswers } from './answer-rate.ts';
import { spreadOut } from './spread-out.ts';

/** Of devices' requests. Whoever looks at the page is not counted and not held up. */
export interface AdmissionBounds {
  /** Most that are under way: being read, waiting for the store, or in it. */
  underWay: number;
  /** Most that are in the store at a time. */
  inStore: number;
  /** ms. No further one is let in that would wait for longer, or while the first in line has. */
  wait: number;
}

/**
 * Far below an agent's patience of 30 s, however slow the store is; `inStore` leaves connections to PostgreSQL (`connection.ts`
 * allows 10) to people who look at the page.
 */
export const ADMISSION_BOUNDS: AdmissionBounds = { underWay: 200, inStore: 6, wait: 2_000 };

/**
 * Answers a second of a portal that has just begun and has measured none. Who is let in too many waits for too long; who is
 * called back too early is sent away once more, which costs little and is then measured.
 */
const ASSUMED = { atLeast: 25, atMost: 100 };

const QUIET_MS = 60_000;

export interface Admission {
  /**
   * Does what a device asked for. Refuses (503) `portal-busy`, before anything is read, when too many are under way, and says
   * when to come again. `turn` is for the part that needs the store: in the order in which they come to it.
   */
  admit<T>(route: string, work: (turn: Turn) => Promise<T>): Promise<T>;
}
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

export interface AdmissionNeeds {
  bounds: AdmissionBounds;
  /** Told of each that is sent away. */
  shed(route: string): void;
  /** Told with the first of them, and again after a minute at the earliest. */
  overloaded(underWay: number): void;
  /** In ms, never set back. */
  clock(): number;
  /** From 0 to 1. */
  random(): number;
}

/** So many that the last of them waits for `wait`; but as many as keep the store busy. Pure. */
export function mostUnderWay({ underWay, inStore, wait }: AdmissionBounds, perSecond: number): number {
  return Math.min(underWay, Math.max(2 * inStore, Math.floor((perSecond * wait) / 1000)));
}

/** Opens the door to devices. */
export function admitDevices({ bounds, shed, overloaded, clock, random }: AdmissionNeeds): Admission {
  const line: { since: number; begin: () => void }[] = [];
  const rate = measureAnswers(clock);
  const spread = spreadOut(clock, random);
  let underWay = 0;
  let inStore = 0;
  const isFull = () => {
    const waited = clock() - (line[0]?.since ?? clock());
    return underWay >= mostUnderWay(bounds, rate.perSecond() ?? ASSUMED.atLeast) || waited > bounds.wait;
  };

  let calling = false;
  let quietUntil = Number.NEGATIVE_INFINITY;

  /** One at a time, and after whatever else came in meanwhile: SQLite answers at once, and one would follow the other without a gap. */
  const callNext = (): void => {
    if (calling || line.length === 0 || inStore >= bounds.inStore) return;
    calling = true;
    setImmediate(() => {
      calling = false;
      inStore += 1;
      line.shift()?.begin();
      callNext();
    });
  };
  const turn: Turn = async (work) => {
    await new Promise<void>((begin) => {
      line.push({ since: clock(), begin });
      callNext();
    });
    try {
      return await work();
    } finally {
      inStore -= 1;
      rate.answered(line.length);
      callNext();
    }
  };
  const sendAway = (route: string): Refusal => {
    shed(route);
    if (clock() >= quietUntil) {
      quietUntil = clock() + QUIET_MS;
      overloaded(underWay);
    }
    const headers = { 'retry-after': String(spread.seconds(rate.perSecond() ?? ASSUMED.atMost)) };
    return new Refusal(503, 'portal-busy', 'The portal has too much to do at the moment', headers);
  };
  return {
    async admit(route, work) {
      if (isFull()) throw sendAway(route);
      underWay += 1;
      try {
        return await work(turn);
      } finally {
        underWay -= 1;
      }
    },
  };
}
