/** Of a portion: what a stream holds in memory at a time. */
const WHOLE = { events: 500, detections: 100, maxBytes: 1024 * 1024 };
const MOST_HALVINGS = 9;
/** So many must arrive before more is tried again. */
const ARRIVALS = 10;

/** How much of a stream goes out at a time: halved for a receiver that does not take as much. */
export interface PortionSize {
  halvings: number;
  /** How many arrived in this size. */
  arrived: number;
}

/** Nothing is known against it. */
export const WHOLE_SIZE: PortionSize = { halvings: 0, arrived: 0 };

/** What to read for a portion; one of each at least. Pure. */
export const boundsOf = ({ halvings }: PortionSize): typeof WHOLE => ({
  events: Math.max(1, WHOLE.events >> halvings),
  detections: Math.max(1, WHOLE.detections >> halvings),
  maxBytes: WHOLE.maxBytes >> halvings,
});

/** Pure. */
export const canShrink = ({ halvings }: PortionSize): boolean => halvings < MOST_HALVINGS;

/** The size after what became of a portion: twice as much after some that arrived, half of it when it was too much. Pure. */
export function sizeAfter(size: PortionSize, outcome: 'arrived' | 'too-much' | 'other'): PortionSize {
  if (outcome === 'other') return size;
  if (outcome === 'too-much') return { halvings: Math.min(size.halvings + 1, MOST_HALVINGS), arrived: 0 };
  if (size.halvings === 0) return WHOLE_SIZE;
  const arrived = size.arrived + 1;
  return arrived < ARRIVALS ? { ...size, arrived } : { halvings: size.halvings - 1, arrived: 0 };
}
