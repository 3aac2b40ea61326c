import { readTextAsset } from '../../core/assets.ts';
import type { Executable } from './executables.ts';

export type InstallerSystem = 'macos' | 'linux' | 'windows';

/** What differs from one installer to the next. */
export interface InstallerFacts {
  /** The portal's address as the developer's machine reaches it, without a slash at the end. */
  portal: string;
  /** The enrolment code. */
  code: string;
  /** ISO 8601; when the code ends. */
  expires: string;
  executables: readonly Executable[];
  /** Further words for `install`, such as `--hooks`, `user`. */
  words: readonly string[];
}

/** The name under which a browser keeps it. */
export const installerName = (system: InstallerSystem): string =>
  system === 'windows' ? 'capsule-kiro-install.ps1' : 'capsule-kiro-install.sh';

/** What the developer types to run it from where browsers put it. */
export const installerCommand = (system: InstallerSystem): string =>
  system === 'windows'
    ? `powershell -ExecutionPolicy Bypass -File "$HOME\\Downloads\\${installerName(system)}"`
    : `bash ~/Downloads/${installerName(system)}`;

/** The installer's whole text, from `installer-assets/install.sh` or `.ps1`. Pure but for reading that. Throws `asset-missing`. */
export function renderInstaller(system: InstallerSystem, facts: InstallerFacts): string {
  const shell = system === 'windows' ? POWERSHELL : POSIX;
  const sums = facts.executables.map(({ name, sha256 }) => `${sha256}  ${name}`).join('\n');
  const values: Readonly<Record<string, string>> = {
    portal: oneLine(facts.portal),
    expires: oneLine(facts.expires),
    'portal:quoted': shell.quote(facts.portal),
    'code:quoted': shell.quote(facts.code),
    'sums:quoted': shell.quote(sums),
    'arguments:quoted': facts.words.map(shell.quote).join(shell.between),
  };
  const text = readTextAsset(shell.asset).replace(/\{\{([a-z:]+)\}\}/g, (whole, name: string) => values[name] ?? whole);
  // Windows PowerShell 5.1 takes a file without this mark for the old code page of the machine.
  return system === 'windows' ? `\uFEFF${text.replaceAll('\n', '\r\n')}` : text;
}

const POSIX = {
  asset: 'installer-assets/install.sh',
  quote: (text: string) => `'${text.replaceAll("'", "'\\''")}'`,
  between: ' ',
};
const POWERSHELL = {
  asset: 'installer-assets/install.ps1',
  // PowerShell takes typographic quotes for plain ones.
  quote: (text: string) => `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`,
  between: ', ',
};

/** In a comment nothing may begin a line of its own. */
const oneLine = (text: string): string => text.replace(/\p{C}|\p{Zl}|\p{Zp}/gu, '');
