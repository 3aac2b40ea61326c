/** In this order: every browser names those it wants to be taken for, too. */
const BROWSERS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/\b(?:Chrome|Chromium|HeadlessChrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bWindows\b/, 'Windows'],
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bLinux\b/, 'Linux'],
];
const TOOLS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^capsule-kiro\b/, 'Capsule agent'],
  [/^curl\//, 'curl'],
  [/^(?:node|undici)\b/, 'Node'],
  [/^python/i, 'Python'],
  [/^Go-http-client\//, 'Go'],
  [/PowerShell\//, 'PowerShell'],
];

/** The kind of program that a `User-Agent` names, in one of few words: `Firefox, Linux`, `curl`, `other`. Pure. */
export function clientKind(userAgent: string | undefined): string {
  if (userAgent === undefined || userAgent === '') return 'unnamed';
  const tool = named(TOOLS, userAgent);
  if (tool !== undefined) return tool;
  const browser = named(BROWSERS, userAgent);
  if (browser === undefined) return 'other';
  const system = named(SYSTEMS, userAgent);
  return system === undefined ? browser : `${browser}, ${system}`;
}

const named = (list: typeof BROWSERS, text: string): string | undefined =>
  list.find(([pattern]) => pattern.test(text))?.[1];
