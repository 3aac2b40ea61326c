import { existsSync } from 'node:fs';
import type { Host } from '../core/host.ts';
import { launchd } from './launchd.ts';
import { runKey } from './run-key.ts';
import { systemd } from './systemd.ts';
import { taskScheduler } from './task-scheduler.ts';
import { xdgAutostart } from './xdg-autostart.ts';

/** From when on the system starts our daemon; `why` is one sentence. */
export type Enabled = { from: 'now' } | { from: 'next-login' | 'never'; why: string };

/** What the system itself says of a registration: asked, where everything else goes by our file. */
export interface AtLogin {
  /** Whether it will start it; null: it cannot be asked from here. */
  starts: boolean | null;
  /** What it said, as one clause. */
  said: string;
  /** Whether the daemon goes on when its user has logged out everywhere; null: the system does not tell. */
  outlivesLogout: boolean | null;
}

/** What is written for the system, or one sentence on why nothing can be. */
export type Registration = { bytes: Buffer } | { why: string };

/** What starts our daemon at login: one file per way. Every way has a file that stands for the registration while it lasts. */
export interface Service {
  kind: 'launchd' | 'systemd' | 'xdg-autostart' | 'task-scheduler' | 'run-key';
  /** Whether it also starts a daemon that crashed; where it does not, the next turn of the agent does. */
  restarts: boolean;
  /** Whether this machine, as this process sees it, has it at all. */
  here(host: Host): boolean;
  /** Where the registration is written. */
  file(host: Host): string;
  /** The file's content for the installed program. Refuses a path that cannot be written down there. */
  render(host: Host): Promise<Registration>;
  /** Whether its user switched off what the file registers, there where the system lets them. That is kept. */
  switchedOff?(text: string): boolean;
  /** Makes the system know the written registration and start it. `pause` waits between tries. */
  enable(host: Host, pause?: Pause): Promise<Enabled>;
  /** Stops it and makes the system forget it. The file is removed by who wrote it. */
  disable(host: Host): Promise<void>;
  /** Starts it now; false where that is not to be had. */
  start(host: Host): Promise<boolean>;
  /** Asks the system whether it knows what is registered, and heeds it. Changes nothing. */
  ask(host: Host): Promise<AtLogin>;
}
export type Pause = (ms: number) => Promise<unknown>;

/** In the order in which they are tried. */
const SERVICES: readonly Service[] = [launchd, systemd, xdgAutostart, taskScheduler, runKey];

/** The ways that this machine has, the best first; none in a container, or in WSL without systemd. */
export function servicesHere(host: Host): Service[] {
  return SERVICES.filter((service) => service.here(host));
}

/** What is registered: one at most, but for what a machine that changed left behind. */
export function registeredServices(host: Host): Service[] {
  const ofSystem = SERVICES.filter((service) => SYSTEMS[service.kind] === host.platform);
  return ofSystem.filter((service) => existsSync(service.file(host)));
}

const SYSTEMS: Readonly<Record<Service['kind'], Host['platform']>> = {
  launchd: 'darwin',
  systemd: 'linux',
  'xdg-autostart': 'linux',
  'task-scheduler': 'win32',
  'run-key': 'win32',
};
