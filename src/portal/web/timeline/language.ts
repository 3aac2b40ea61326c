/** Which language a code is in, as far as it can be told. Pure. */

/** What can be coloured; each is a grammar of its own in the part of the script that is loaded for it. */
export const LANGUAGES = [
  'bash',
  'powershell',
  'json',
  'yaml',
  'typescript',
  'python',
  'go',
  'java',
  'sql',
  'xml',
  'diff',
] as const;
export type Language = (typeof LANGUAGES)[number];

const NAMES: Readonly<Record<string, Language>> = {
  sh: 'bash',
  zsh: 'bash',
  shell: 'bash',
  console: 'bash',
  ps1: 'powershell',
  pwsh: 'powershell',
  jsonc: 'json',
  jsonl: 'json',
  yml: 'yaml',
  ts: 'typescript',
  tsx: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  js: 'typescript',
  jsx: 'typescript',
  mjs: 'typescript',
  cjs: 'typescript',
  javascript: 'typescript',
  py: 'python',
  kt: 'java',
  html: 'xml',
  svg: 'xml',
  patch: 'diff',
};

/** By the word after a code fence, or the ending of a file's name. */
export function languageNamed(name: string): Language | undefined {
  const lower = name.toLowerCase();
  return LANGUAGES.find((known) => known === lower) ?? (Object.hasOwn(NAMES, lower) ? NAMES[lower] : undefined);
}

/** By a file's path; undefined for a file whose name does not say. */
export const languageOfPath = (path: string): Language | undefined =>
  languageNamed(/\.([a-z0-9]{1,10})$/i.exec(path.trim())?.[1] ?? '');

const MAX_LENGTH = 50_000;
const MAX_LINES = 800;
const MAX_LINE = 2_000;

/** Whether a code is short enough to be coloured while somebody waits. */
export function isShortEnough(code: string): boolean {
  if (code.length > MAX_LENGTH) return false;
  const lines = code.split('\n');
  return lines.length <= MAX_LINES && lines.every(({ length }) => length <= MAX_LINE);
}
