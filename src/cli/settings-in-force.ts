import { isDeepStrictEqual } from 'node:util';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { changeSettings, readSettings, type SettingName, type Settings } from '../core/settings.ts';
import { readManaged } from './managed-settings.ts';

/** This user's settings, and over them what the organisation has laid down. Throws `config-invalid`. */
export function settingsInForce(host: Host): Settings {
  const own = readSettings(host.own.settings);
  const managed = readManaged(host);
  return managed.is === 'in-force' ? { ...own, ...managed.settings } : own;
}

/** What was asked for without what is so already because it is laid down. Throws `setting-managed`, `config-invalid`. */
export function withoutManaged(host: Host, asked: Partial<Settings>): Partial<Settings> {
  const managed = readManaged(host);
  if (managed.is !== 'in-force') return asked;
  const free = Object.entries(asked).filter(([name, value]) => {
    if (!Object.hasOwn(managed.settings, name)) return true;
    if (!isDeepStrictEqual(managed.settings[name as SettingName], value)) throw isManaged(host, name);
    return false;
  });
  return Object.fromEntries(free);
}

/** Changes one of this user's settings. Throws `setting-managed`, `config-invalid`, `file-unwritable`. */
export function changeFreely(host: Host, name: SettingName, edit: (own: Partial<Settings>) => Partial<Settings>): void {
  const managed = readManaged(host);
  if (managed.is === 'in-force' && Object.hasOwn(managed.settings, name)) throw isManaged(host, name);
  changeSettings(host.own.settings, edit);
}

/** That what was asked for is not this user's to say. */
export function isManaged({ managed }: Host, what: string): Failure {
  return new Failure('setting-managed', `${what} is laid down by your organisation in ${managed.file}`, {
    hint: 'Ask whoever looks after this machine. What is in force: capsule-kiro config',
  });
}
