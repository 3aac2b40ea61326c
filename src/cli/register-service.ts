import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { editFile, makeFolder } from '../core/careful-file.ts';
import type { Host } from '../core/host.ts';
import { type Enabled, findService, type Service } from '../service/service.ts';

export interface Autostart {
  kind: Service['kind'] | 'none';
  said: string;
}

const BY_HAND = 'the next turn of the Kiro agent starts it again, and so does: capsule-kiro start';

/** Has the system start the daemon at every login, where the system can. Writes nothing that stands there already. */
export async function registerService(host: Host, wanted: boolean): Promise<Autostart> {
  if (!wanted) return { kind: 'none', said: `Autostart: not registered, as asked; ${BY_HAND}` };
  const service = await findService(host);
  if (service === undefined) {
    const said = `Autostart: no service manager was found, so the daemon does not come back at login by itself; ${BY_HAND}`;
    return { kind: 'none', said };
  }
  const file = service.file(host);
  makeFolder(path.dirname(file));
  const { changed } = editFile(file, () => Buffer.from(service.render(host.own.program)), 0o644);
  const enabled: Enabled = changed ? await service.enable(host) : { from: 'now' };
  if (enabled.from === 'never') {
    // A file that is there stands for a registration that was taken, so that a second run changes nothing.
    rmSync(file, { force: true });
    return { kind: 'none', said: `Autostart: ${enabled.why}; ${BY_HAND}` };
  }
  const when = enabled.from === 'now' ? 'at every login' : `at every login from the next on, because ${enabled.why}`;
  return { kind: service.kind, said: `Autostart: ${when}, through ${service.kind} (${file})` };
}

/** Takes the registration away; answers whether there was one. */
export async function unregisterService(host: Host): Promise<boolean> {
  const service = await findService(host);
  if (service === undefined || !existsSync(service.file(host))) return false;
  await service.disable(host);
  rmSync(service.file(host), { force: true });
  return true;
}
