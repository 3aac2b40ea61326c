import type { Host } from '../core/host.ts';
import { launchd } from './launchd.ts';
import { systemd } from './systemd.ts';

/** From when on the system starts our daemon; `why` is one sentence. */
export type Enabled = { from: 'now' } | { from: 'next-login' | 'never'; why: string };

/** What starts our daemon at login and again after a crash: one per system, none where the system has nothing of the kind. */
export interface Service {
  kind: 'launchd' | 'systemd';
  /** Where the registration is written. */
  file(host: Host): string;
  /** The registration's text for this program (an absolute path). Pure. */
  render(program: string): string;
  /** Makes the system know the written registration and start it. */
  enable(host: Host): Promise<Enabled>;
  /** Stops it and makes the system forget it. The file is removed by who wrote it. */
  disable(host: Host): Promise<void>;
  start(host: Host): Promise<boolean>;
}

/** The service manager of this user's session; undefined where there is none that answers. */
export async function findService(host: Host): Promise<Service | undefined> {
  if (host.platform === 'darwin') return launchd;
  if (host.platform === 'linux' && (await systemd.usable(host))) return systemd;
  return undefined;
}
