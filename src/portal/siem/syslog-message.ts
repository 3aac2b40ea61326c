import { FACILITIES, type Facility } from './stream.ts';

/** RFC 5424, 6.2.1; the ones we use. */
export const SYSLOG_SEVERITY = { critical: 2, error: 3, warning: 4, notice: 5, informational: 6 } as const;
export type SyslogSeverity = keyof typeof SYSLOG_SEVERITY;

/**
 * 32473 is the number that is kept for examples (RFC 5612): the project has no private enterprise number of its own, and a receiver
 * only has to tell our element from others.
 */
const SD_ID = 'capsule@32473';

export interface SyslogMessage {
  facility: Facility;
  severity: SyslogSeverity;
  /** ISO 8601 in UTC with milliseconds. */
  time: string;
  hostname: string;
  appName: string;
  /** What kind of message it is. */
  msgId: string;
  /** By names of ASCII letters. */
  data: Readonly<Record<string, string>>;
  message: string;
}

/**
 * One message of RFC 5424. Structured data holds no control characters (a space stands for each), so that a receiver that writes
 * lines writes one. The message is marked as UTF-8 by a BOM where it is more than ASCII (6.4). Pure.
 */
export function writeSyslog({
  facility,
  severity,
  time,
  hostname,
  appName,
  msgId,
  data,
  message,
}: SyslogMessage): Buffer {
  const priority = FACILITIES[facility] * 8 + SYSLOG_SEVERITY[severity];
  const header = [`<${priority}>1`, time, word(hostname, 255), word(appName, 48), '-', word(msgId, 32)].join(' ');
  const params = Object.entries(data).map(([name, value]) => `${name}="${escapeParam(value)}"`);
  const bom = /^[\0-\x7f]*$/.test(message) ? '' : '\ufeff';
  return Buffer.from(`${header} [${[SD_ID, ...params].join(' ')}] ${bom}${message}`.toWellFormed());
}

/** As it goes over a connection: octet counted (RFC 5425 4.3, RFC 6587 3.4.1), so that a message may hold anything. Pure. */
export const frameSyslog = (message: Buffer): Buffer => Buffer.concat([Buffer.from(`${message.length} `), message]);

/** A part of the header: printable ASCII without spaces, `-` for nothing. */
function word(text: string, longest: number): string {
  const kept = text.replace(/[^!-~]/g, '').slice(0, longest);
  return kept === '' ? '-' : kept;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
const escapeParam = (value: string): string => value.replace(/[\x00-\x1f\x7f]/g, ' ').replace(/["\\\]]/g, '\\$&');

/** JSON in ASCII: whatever the receiver takes the bytes for, they say the same, and no BOM stands before the JSON. Pure. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[^\0-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
