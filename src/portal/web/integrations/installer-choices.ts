/** What the form of a new installer holds, and what of it the server is asked for. Pure. */

export type System = 'macos' | 'linux' | 'windows';

export interface Choices {
  system: System;
  label: string;
  days: string;
  uses: 'one' | 'many';
  content: string;
  hooks: string;
}

export const SYSTEMS: readonly (readonly [System, string])[] = [
  ['macos', 'macOS'],
  ['linux', 'Linux'],
  ['windows', 'Windows'],
];
export const CONTENT_LEVELS = ['redacted', 'full', 'metadata', 'off'];
export const HOOK_MODES = ['auto', 'workspace', 'user', 'both'];

/** The form as the address asks for it; what it does not know is left at its default. */
export function choicesFrom(search: string, platform: string): Choices {
  const query = new URLSearchParams(search);
  const among = <T extends string>(name: string, known: readonly T[], otherwise: T): T =>
    known.find((value) => value === query.get(name)) ?? otherwise;
  return {
    system: among('os', ['macos', 'linux', 'windows'], systemOf(platform)),
    label: '',
    days: query.get('days') ?? '365',
    uses: among('uses', ['one', 'many'], 'one'),
    content: among('content', CONTENT_LEVELS, 'redacted'),
    hooks: among('hooks', HOOK_MODES, 'auto'),
  };
}

function systemOf(platform: string): System {
  if (/mac/i.test(platform)) return 'macos';
  return /win/i.test(platform) ? 'windows' : 'linux';
}

/** What is wrong with the lifetime as typed; undefined when nothing is. */
export function daysProblem(days: string): string | undefined {
  const value = Number(days);
  if (/^\s*\d+\s*$/.test(days) && value >= 1 && value <= 365) return undefined;
  return 'Enter a whole number of days from 1 to 365';
}

/** The body of `POST /api/installers`. The program's own defaults are left to it. */
export const wish = ({ system, label, days, uses, content, hooks }: Choices): object => ({
  system,
  label,
  days: Number(days),
  uses: uses === 'one' ? 1 : null,
  content: content === 'redacted' ? null : content,
  hooks: hooks === 'auto' ? null : hooks,
});

/** How the executables for a system begin. */
export const executablesOf = (system: System): string =>
  ({ macos: 'capsule-kiro-darwin-', linux: 'capsule-kiro-linux-', windows: 'capsule-kiro-win-' })[system];
