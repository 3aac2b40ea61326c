import { useRef, useState } from 'preact/hooks';

export interface Span {
  /** Whether this bar is among the chosen ones. */
  holds(at: number): boolean;
  handlers: {
    onPointerDown(event: PointerEvent): void;
    onPointerMove(event: PointerEvent): void;
    onPointerUp(event: PointerEvent): void;
    onPointerCancel(): void;
    onClickCapture(event: MouseEvent): void;
    onDragStart(event: DragEvent): void;
    onKeyDown(event: KeyboardEvent): void;
  };
}

/**
 * A stretch of bars, chosen by dragging from the first to the last, or by Shift with the arrows and then Enter; `choose` gets
 * their places in order. One bar is a link and stays one.
 */
export function useSpan(choose: (from: number, to: number) => void): Span {
  const [ends, setEnds] = useState<{ anchor: number; at: number }>();
  const dragged = useRef(false);
  const done = () => {
    if (ends !== undefined && ends.anchor !== ends.at)
      choose(Math.min(ends.anchor, ends.at), Math.max(ends.anchor, ends.at));
    setEnds(undefined);
  };
  return {
    holds: (at) => ends !== undefined && at >= Math.min(ends.anchor, ends.at) && at <= Math.max(ends.anchor, ends.at),
    handlers: {
      onPointerDown(event) {
        const at = barAt(event);
        dragged.current = false;
        // A finger scrolls.
        if (event.button === 0 && event.pointerType !== 'touch' && at !== undefined) setEnds({ anchor: at, at });
      },
      onPointerMove(event) {
        const at = barAt(event);
        if (ends === undefined || at === undefined || event.buttons !== 1) return;
        if (at === ends.at) return;
        // Only now: a press that stays on its bar is a click on its link.
        if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId);
        setEnds({ ...ends, at });
      },
      onPointerUp() {
        dragged.current = ends !== undefined && ends.anchor !== ends.at;
        done();
      },
      onPointerCancel: () => setEnds(undefined),
      // What ends a drag is no click on the bar that it ends over.
      onClickCapture(event) {
        if (!dragged.current) return;
        event.preventDefault();
        event.stopPropagation();
      },
      onDragStart: (event) => event.preventDefault(),
      onKeyDown(event) {
        if (event.key === 'Escape') return setEnds(undefined);
        if (event.key === 'Enter' && ends !== undefined && ends.anchor !== ends.at) {
          event.preventDefault();
          return done();
        }
        const moved = moveBetween(event);
        if (moved === undefined) return;
        setEnds(event.shiftKey ? { anchor: ends?.anchor ?? moved.from, at: moved.to } : undefined);
      },
    },
  };
}

/** The place of the bar over or under which the pointer is; of the outermost one beyond the chart. */
function barAt({ currentTarget, clientX }: PointerEvent): number | undefined {
  if (!(currentTarget instanceof Element)) return undefined;
  const { left, width } = currentTarget.getBoundingClientRect();
  const count = currentTarget.querySelectorAll('a').length;
  return Math.min(Math.max(Math.floor(((clientX - left) / width) * count), 0), count - 1);
}

/** One stop for Tab; the arrows go from bar to bar. */
function moveBetween(event: KeyboardEvent): { from: number; to: number } | undefined {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  if (step === 0 || !(event.currentTarget instanceof Element)) return undefined;
  const bars = [...event.currentTarget.querySelectorAll<SVGAElement>('a')];
  const from = bars.indexOf(document.activeElement as unknown as SVGAElement);
  const next = bars[from + step];
  if (next === undefined) return undefined;
  event.preventDefault();
  next.focus();
  return { from: Math.max(from, 0), to: from + step };
}
