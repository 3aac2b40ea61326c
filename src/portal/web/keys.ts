import { useEffect, useRef } from 'preact/hooks';
import { keysAreOn } from './preferences.ts';

export type Keys = Readonly<Record<string, () => void>>;

const registered: { current: Keys }[] = [];
/** `g` was pressed: the next key says where to go. */
let going = false;

/**
 * Calls what stands for a key, or for two after one another (`g a`). Never while somebody types in a field, and never with
 * Ctrl, Alt or Meta. Where two ask for the same key, the one that was shown later has it.
 */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    if (registered.length === 0) addEventListener('keydown', press);
    registered.push(latest);
    return () => {
      registered.splice(registered.indexOf(latest), 1);
      if (registered.length === 0) removeEventListener('keydown', press);
    };
  }, []);
}

function press(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey || isField(event.target) || !keysAreOn()) return;
  const name = going ? `g ${event.key}` : event.key;
  going = name === 'g';
  const act = registered.findLast(({ current }) => current[name] !== undefined)?.current[name];
  if (act === undefined) return;
  event.preventDefault();
  act();
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, textarea, select, dialog') !== null;

/** Moves focus to the next (or by -1 the one before) of the elements that match; to the first when none has it. */
export function moveFocus(selector: string, step: 1 | -1): void {
  const all = document.querySelectorAll<HTMLElement>(selector);
  // What is folded away cannot have the focus.
  const elements = [...all].filter((element) => element.checkVisibility());
  const at = elements.indexOf(document.activeElement as HTMLElement);
  const next = elements[at < 0 ? 0 : Math.min(Math.max(at + step, 0), elements.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
