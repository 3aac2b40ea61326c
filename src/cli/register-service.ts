import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { editFile, makeFolder } from '../core/careful-file.ts';
import type { Host, OwnPaths } from '../core/host.ts';
import { type Enabled, type Pause, registeredServices, type Service, servicesHere } from '../service/service.ts';
import { makeForeignFolder, removeMadeFolders } from './made-folders.ts';
import { withTilde } from './say-changes.ts';

export interface Autostart {
  kind: Service['kind'] | 'none';
  said: string;
}

const BY_HAND = 'the next turn of the Kiro agent starts it again, and so does: capsule-kiro start';

export interface Registering {
  /** Also tell the system of a registration that stands there already. */
  anew?: boolean;
  /** How it waits between tries. */
  pause?: Pause;
}

/**
 * Has the system start the daemon at every login, in the best way that takes it, and in no other; not when it is not wanted,
 * which is remembered: undefined means as it was said last, and wanted if nothing was ever said. Writes nothing that stands
 * there already, and leaves off what its user switched off.
 */
export async function registerService(
  host: Host,
  wanted: boolean | undefined,
  how: Registering = {},
): Promise<Autostart> {
  if (wanted === false || (wanted === undefined && isDeclined(host.own))) return decline(host);
  rmSync(declinedFile(host.own), { force: true });
  const refusals: string[] = [];
  for (const service of servicesHere(host)) {
    const enabled = await register(host, service, how);
    if (enabled.from === 'never') {
      refusals.push(enabled.why);
      continue;
    }
    for (const other of registeredServices(host)) if (other !== service) await unregister(host, other);
    const when = enabled.from === 'now' ? 'at every login' : `at every login from the next on, because ${enabled.why}`;
    return { kind: service.kind, said: `Autostart: ${when}, through ${service.kind} (${service.file(host)})` };
  }
  const why = refusals.length === 0 ? 'no service manager was found' : refusals.join('; ');
  return { kind: 'none', said: `Autostart: not at login, because ${why}; ${BY_HAND}` };
}

/** Stands for the word of its user that nothing is to start at login. */
const declinedFile = ({ home }: OwnPaths) => path.join(home, 'autostart', 'not-wanted');

/** Whether its user said that nothing is to start at login (`install --no-service`). */
export const isDeclined = (own: OwnPaths): boolean => existsSync(declinedFile(own));

async function decline(host: Host): Promise<Autostart> {
  for (const service of registeredServices(host)) await unregister(host, service);
  makeFolder(path.dirname(declinedFile(host.own)));
  editFile(declinedFile(host.own), () => Buffer.from('install --no-service\n'));
  return { kind: 'none', said: `Autostart: not registered, as asked; ${BY_HAND}` };
}

async function register(host: Host, service: Service, { anew = false, pause }: Registering): Promise<Enabled> {
  const file = service.file(host);
  if (isSwitchedOff(host, service)) return { from: 'never', why: `its user switched it off in ${file}` };
  const registration = await service.render(host);
  if ('why' in registration) return { from: 'never', why: registration.why };
  makeForeignFolder(host.own, path.dirname(file));
  const { changed } = editFile(file, () => registration.bytes, 0o644);
  const enabled: Enabled = changed || anew ? await service.enable(host, pause) : { from: 'now' };
  // A file that is there stands for a registration that was taken, so that a second run changes nothing.
  if (enabled.from === 'never') rmSync(file, { force: true });
  return enabled;
}

/** Takes every registration of ours away, and what was said of it; answers whether there was one. */
export async function unregisterService(host: Host): Promise<boolean> {
  rmSync(declinedFile(host.own), { force: true });
  const registered = registeredServices(host);
  for (const service of registered) await unregister(host, service);
  removeMadeFolders(host.own);
  return registered.length > 0;
}

async function unregister(host: Host, service: Service): Promise<void> {
  await service.disable(host);
  rmSync(service.file(host), { force: true });
}

/** How the daemon comes back, after a login and after a crash, in one line for `status`. Touches nothing. */
export async function describeAutostart(host: Host): Promise<Autostart> {
  const [service] = registeredServices(host);
  if (service === undefined) {
    const asked = isDeclined(host.own) ? ', as asked at the install' : '';
    return { kind: 'none', said: `not at login${asked}; the next turn of the Kiro agent starts it` };
  }
  const file = service.file(host);
  const named = `${service.kind}, ${withTilde(file, host.home)}`;
  if (isSwitchedOff(host, service)) return { kind: 'none', said: `switched off by its user (${named})` };
  const wanted = await service.render(host);
  const current = 'bytes' in wanted && wanted.bytes.equals(readFileSync(file));
  const crash = service.restarts ? 'and after a crash' : 'after a crash with the next turn of the Kiro agent';
  const drift = current ? '' : '; not as this version writes it, put right by: capsule-kiro install';
  return { kind: service.kind, said: `at every login, ${crash} (${named})${drift}` };
}

function isSwitchedOff(host: Host, { file, switchedOff }: Service): boolean {
  return switchedOff !== undefined && existsSync(file(host)) && switchedOff(readFileSync(file(host), 'utf8'));
}
