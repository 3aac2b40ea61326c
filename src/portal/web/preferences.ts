/** What a person likes, kept by the browser. */
import { useEffect, useState } from 'preact/hooks';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
export type Zone = 'local' | 'utc';

interface Preferences {
  theme: Theme;
  zone: Zone;
  /** Whether single keys do something: whoever speaks to the machine may not want that. */
  keys: 'on' | 'off';
  /** Names of the columns of the agents' list, with commas between; empty for the usual ones. */
  agentColumns: string;
}

const listeners = new Set<() => void>();
let current = read();

function read(): Preferences {
  const theme = THEMES.find((name) => name === localStorage.getItem('theme')) ?? 'system';
  const keys = localStorage.getItem('keys') === 'off' ? 'off' : 'on';
  const agentColumns = localStorage.getItem('agentColumns') ?? '';
  return { theme, zone: localStorage.getItem('zone') === 'utc' ? 'utc' : 'local', keys, agentColumns };
}

/** Changes preferences here, in this browser's other pages when they load, and at once in what shows them. */
export function setPreference(given: Partial<Preferences>): void {
  current = { ...current, ...given };
  for (const [name, value] of Object.entries(current)) localStorage.setItem(name, value);
  applyTheme();
  for (const listener of listeners) listener();
}

/** The style sheet follows the system unless the document says otherwise. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = current.theme;
}

/** Whether single keys do something now. */
export const keysAreOn = (): boolean => current.keys === 'on';

/** The preferences, kept up to date. */
export function usePreferences(): Preferences {
  const [preferences, setPreferences] = useState(current);
  useEffect(() => {
    const update = () => setPreferences(current);
    listeners.add(update);
    return () => void listeners.delete(update);
  }, []);
  return preferences;
}
