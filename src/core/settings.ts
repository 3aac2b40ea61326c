import path from 'node:path';
import { editFile, makeFolder, readIfExists } from './careful-file.ts';
import { CONTENT_LEVELS, type ContentLevel } from './event.ts';
import { describe, Failure } from './failure.ts';

export const HOOK_MODES = ['auto', 'workspace', 'user', 'both'] as const;
export const OTLP_COMPRESSIONS = ['gzip', 'none'] as const;
export type HookMode = (typeof HOOK_MODES)[number];

/** A pattern for secrets that only this organisation knows; the secret is its group named `secret`, else the whole match. */
export type ContentRule = {
  /** Lower case letters, digits and hyphens: it stands in the text in place of the secret. */
  name: string;
  /** JavaScript's. */
  pattern: string;
  /** Of `imsuv`. */
  flags?: string;
};

/** Our own settings, by the names `config get|set` uses. Paths are absolute; null means not set. */
export interface Settings {
  'content.level': ContentLevel;
  /** By folder. Of all levels that apply to a workspace the strictest wins. */
  'content.levels': { [folder: string]: ContentLevel };
  'content.rules': ContentRule[];
  /** Whether sessions of Kiro CLI are told as well. */
  'capture.cli': boolean;
  'workspaces.exclude': string[];
  /** Folders on file systems that may hang and are to be attached all the same. */
  'workspaces.network': string[];
  /** How many days back to tell what Kiro recorded before the first start; null for nothing of it. */
  'capture.backfill': number | null;
  'hooks.mode': HookMode;
  'kiro.appDir': string | null;
  'kiro.userDataDirs': string[];
  'portal.url': string | null;
  'portal.caFile': string | null;
  'proxy.url': string | null;
  'proxy.bypass': string | null;
  'outbox.maxBytes': number;
  'outbox.maxAgeDays': number;
  /** How much of what was sent is kept for `events --sent`, in bytes; 0 for nothing. */
  'outbox.sentMaxBytes': number;
  /** Where events go as OpenTelemetry, beside the portal or in its place. */
  'otlp.endpoint': string | null;
  /** Owner-only, with headers to send there: keys have no business in settings. */
  'otlp.headersFile': string | null;
  /** How larger requests go there; the names are those of OpenTelemetry's own programs. */
  'otlp.compression': (typeof OTLP_COMPRESSIONS)[number];
  /** Whether the daemon takes newer versions from the portal by itself. */
  'upgrade.auto': boolean;
}
export type SettingName = keyof Settings;

export const DEFAULT_SETTINGS: Settings = {
  'content.level': 'redacted',
  'content.levels': {},
  'content.rules': [],
  'capture.cli': true,
  'workspaces.exclude': [],
  'workspaces.network': [],
  'capture.backfill': null,
  'hooks.mode': 'auto',
  'kiro.appDir': null,
  'kiro.userDataDirs': [],
  'portal.url': null,
  'portal.caFile': null,
  'proxy.url': null,
  'proxy.bypass': null,
  'outbox.maxBytes': 200 * 1024 * 1024,
  'outbox.maxAgeDays': 7,
  'outbox.sentMaxBytes': 5 * 1024 * 1024,
  'otlp.endpoint': null,
  'otlp.headersFile': null,
  'otlp.compression': 'gzip',
  'upgrade.auto': false,
};

type Check = (value: unknown) => boolean;
/** Whole paths only: one that is read from a changing folder on would mean something else to each reader. */
const wholePath: Check = (value) => typeof value === 'string' && path.isAbsolute(value);
const pathOrNull: Check = (value) => value === null || wholePath(value);
const paths: Check = (value) => Array.isArray(value) && value.every(wholePath);
const positive: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value > 0;
const notNegative: Check = (value) => value === 0 || positive(value);
const daysOrNull: Check = (value) =>
  value === null || (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 3650);
const oneOf =
  (values: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && values.includes(value);
const hostList: Check = (value) => value === null || (typeof value === 'string' && /^[\w.*:,/ [\]-]+$/.test(value));
const webAddress: Check = (value) =>
  value === null || (typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value));

/** Without anything that is a key: settings are shown. */
const plainAddress: Check = (value) =>
  value === null || (webAddress(value) && typeof value === 'string' && isPlain(new URL(value)));

function isPlain({ username, password, search, hash }: URL): boolean {
  return [username, password, search, hash].every((part) => part === '');
}

const levels: Check = (value) =>
  isRecord(value) &&
  Object.entries(value).every(([folder, level]) => wholePath(folder) && oneOf(CONTENT_LEVELS)(level));

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const RULE_FORM = 'a list of {"name", "pattern", "flags"}, the name of letters, digits and hyphens, flags of imsuv';
const rules: Check = (value) => Array.isArray(value) && value.every((rule) => ruleTrouble(rule) === null);

/** Names the first rule that is not one, and says why. */
function rulesTrouble(value: unknown): string {
  const troubles = Array.isArray(value) ? value.map(ruleTrouble) : [];
  return `${RULE_FORM}${troubles.find((trouble) => trouble !== null) ?? ''}`;
}

function ruleTrouble(rule: unknown): string | null {
  if (!isRecord(rule)) return `; found ${JSON.stringify(rule)}`;
  const { name, pattern, flags = '', ...more } = rule;
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]{0,49}$/.test(name)) {
    return `; a rule cannot be called ${JSON.stringify(name)}`;
  }
  if (typeof pattern !== 'string' || pattern === '') return `; the rule ${name} has no pattern`;
  if (typeof flags !== 'string' || !/^[imsuv]*$/.test(flags)) return `; the rule ${name} has other flags`;
  if (Object.keys(more).length > 0) return `; the rule ${name} has ${Object.keys(more).join(', ')} as well`;
  try {
    new RegExp(pattern, flags);
    return null;
  } catch (error) {
    return `; the rule ${name} does not work: ${describe(error)}`;
  }
}

const CHECKS: { [K in SettingName]: { check: Check; expects: string | ((value: unknown) => string) } } = {
  'content.level': { check: oneOf(CONTENT_LEVELS), expects: `one of ${CONTENT_LEVELS.join(', ')}` },
  'content.levels': {
    check: levels,
    expects: `folders, each from the root on, with one of ${CONTENT_LEVELS.join(', ')}`,
  },
  'content.rules': { check: rules, expects: rulesTrouble },
  'capture.cli': { check: (value) => typeof value === 'boolean', expects: 'true or false' },
  'workspaces.exclude': { check: paths, expects: 'a list of folders, each from the root on' },
  'workspaces.network': { check: paths, expects: 'a list of folders, each from the root on' },
  'capture.backfill': { check: daysOrNull, expects: 'a whole number of days, 1 to 3650, or null' },
  'hooks.mode': { check: oneOf(HOOK_MODES), expects: `one of ${HOOK_MODES.join(', ')}` },
  'kiro.appDir': { check: pathOrNull, expects: 'a folder, from the root on' },
  'kiro.userDataDirs': { check: paths, expects: 'a list of folders, each from the root on' },
  'portal.url': { check: webAddress, expects: 'an address that begins with https:// or http://' },
  'portal.caFile': { check: pathOrNull, expects: 'a file, from the root on' },
  'proxy.url': { check: webAddress, expects: 'an address that begins with http:// or https://' },
  'proxy.bypass': { check: hostList, expects: 'hosts with commas between them, as in NO_PROXY' },
  'outbox.maxBytes': { check: positive, expects: 'a number of bytes above 0' },
  'outbox.maxAgeDays': { check: positive, expects: 'a number of days above 0' },
  'outbox.sentMaxBytes': { check: notNegative, expects: 'a number of bytes, 0 or above' },
  'otlp.endpoint': {
    check: plainAddress,
    expects: 'an address that begins with https:// or http://, without a user name, a password or a query',
  },
  'otlp.headersFile': { check: pathOrNull, expects: 'a file, from the root on' },
  'otlp.compression': { check: oneOf(OTLP_COMPRESSIONS), expects: `one of ${OTLP_COMPRESSIONS.join(', ')}` },
  'upgrade.auto': { check: (value) => typeof value === 'boolean', expects: 'true or false' },
};

export const SETTING_NAMES = Object.keys(CHECKS) as SettingName[];

/** Whether there is a setting of this name. */
export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(CHECKS, name);
}

/** The settings in `file`, defaults where it says nothing. Throws `config-invalid` and names the setting. */
export function readSettings(file: string): Settings {
  return { ...DEFAULT_SETTINGS, ...readOwnSettings(file) };
}

/** Only what the file itself says. Throws `config-invalid`. */
export function readOwnSettings(file: string): Partial<Settings> {
  const bytes = readIfExists(file);
  return bytes === undefined ? {} : parseSettings(bytes.toString('utf8'), file);
}

/** Changes our settings file by what `edit` makes of what it says now. Throws `config-invalid`, `file-unwritable`. */
export function changeSettings(file: string, edit: (own: Partial<Settings>) => Partial<Settings>): void {
  makeFolder(path.dirname(file));
  editFile(file, (before) => {
    const own = before === undefined ? {} : parseSettings(before.toString('utf8'), file);
    return Buffer.from(`${JSON.stringify(edit(own), null, 2)}\n`);
  });
}

/** The settings in a file's text; `file` is only named in errors. Throws `config-invalid`. */
export function parseSettings(json: string, file: string): Partial<Settings> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw new Failure('config-invalid', `${file} is not valid JSON: ${describe(error)}`, {
      hint: 'Correct or delete it.',
    });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Failure('config-invalid', `${file} must hold one JSON object`, { hint: 'Correct or delete it.' });
  }
  for (const [name, value] of Object.entries(parsed)) checkSetting(name, value, file);
  return parsed;
}

/** Throws `config-invalid` unless `name` is a setting and `value` fits it. */
export function checkSetting(name: string, value: unknown, where: string): void {
  if (!isSettingName(name)) {
    throw new Failure('config-invalid', `${where}: there is no setting called ${name}`, {
      hint: `Settings: ${SETTING_NAMES.join(', ')}`,
    });
  }
  const { check, expects } = CHECKS[name];
  if (!check(value)) {
    const wanted = typeof expects === 'string' ? expects : expects(value);
    throw new Failure('config-invalid', `${where}: ${name} must be ${wanted}`);
  }
}
