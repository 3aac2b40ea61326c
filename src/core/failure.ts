/** Every error a user can reach, listed once. The README's table of codes is held to this list by a test. */
export const FAILURE_CODES = {
  usage: 'The command line was not understood.',
  'config-invalid': "One of our own files (settings, credential) holds something we don't understand.",
  'setting-managed': 'Your organisation has laid this setting down for this machine.',
  'file-unparsable': "A file of Kiro's or of the user exists but does not parse. It was left alone.",
  'file-unwritable': 'A file or folder cannot be written.',
  'file-not-regular': 'A path holds something that is not a regular file of this user.',
  'file-moving': 'A file kept changing while we tried to edit it.',
  'edit-unsafe': 'An edit would have changed more than our own entry, so nothing was written.',
  'attachments-busy': "Another capsule-kiro of this user is changing Kiro's files at this moment.",
  'database-unusable': 'The local database cannot be opened.',
  'already-running': 'Another daemon of this user is running.',
  'daemon-down': 'The daemon is not running, and what was asked needs it.',
  'daemon-failed': 'The daemon did not come up, or did not go down.',
  'socket-unusable': 'The local socket cannot be opened.',
  'portal-unreachable': 'The portal did not answer.',
  'token-invalid': 'A token is malformed, expired or revoked.',
  'downgrade-refused': 'A newer version of this program is installed.',
  'upgrade-refused': 'What a portal offers as a newer version cannot be trusted, or not be checked.',
  'upgrade-failed': 'The newer version does not work here, and the older one is back.',
  'import-refused': "An exported file or its receipt is damaged, cut off, another device's, or another organisation's.",
  'port-in-use': 'The port is taken by another program.',
  'tls-unusable': 'The certificate or key of the portal cannot be used.',
  'not-found': 'What was named does not exist.',
  'unsupported-system': 'This system is not supported for this command.',
  'asset-missing': 'A file that belongs to this program is missing.',
  'demo-failed': 'The demo did not see every fact arrive exactly once.',
} as const;
export type FailureCode = keyof typeof FAILURE_CODES;

/** An expected failure: `message` says what and which path, `hint` what to do next. Anything else thrown is a bug. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly hint: string | undefined;

  constructor(code: FailureCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.hint = options.hint;
  }
}

/** The `code` of a Node system error (`ENOENT`, …), else undefined. */
export function systemCode(error: unknown): string | undefined {
  const code = property(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** One sentence for a person, from anything that was thrown. Never throws itself. */
export function describe(error: unknown): string {
  try {
    const message = property(error, 'message');
    return typeof message === 'string' ? message : String(error);
  } catch {
    return Object.prototype.toString.call(error);
  }
}

/** By shape, not by `instanceof Error`: an error may come from another realm (a worker, a test's sandbox). */
function property(error: unknown, name: string): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  return (error as Record<string, unknown>)[name];
}
