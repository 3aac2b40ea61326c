import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../core/careful-file.ts';
import type { Host } from '../core/host.ts';
import type { Endpoint } from './local-client.ts';

export interface PublishedEndpoint {
  /** Lets a successor's publication be, which has taken the place of this one. */
  release(): void;
  /** Takes it away. */
  withdraw(): void;
}

/**
 * Publishes where the daemon is: whole or not at all, but not synced. It is worth nothing after a crash, and a disk that
 * fails to sync must not silence us. Where there is no `/proc`, the dispatcher reads the process number, by shell builtins,
 * from the second line. On Linux the file stays open, and `alive` is a link to it by way of this process in
 * `/proc`: a shell sees by two stats, and no byte read, whether the one that published still lives, which a process number
 * alone does not say. Throws what the system throws.
 */
export function publishEndpoint(
  { own, platform }: Pick<Host, 'own' | 'platform'>,
  endpoint: Endpoint & { v: 1 },
): PublishedEndpoint {
  makeFolder(path.dirname(own.endpoint));
  const beside = `${own.endpoint}.${randomBytes(6).toString('hex')}`;
  const held = fs.openSync(beside, 'wx', 0o600);
  let isHeld = true;
  const release = () => {
    if (isHeld) fs.closeSync(held);
    isHeld = false;
  };
  try {
    fs.writeSync(held, `${JSON.stringify(endpoint, null, 1)}\n`);
    fs.rmSync(own.alive, { force: true });
    if (platform === 'linux') fs.symlinkSync(`/proc/${endpoint.pid}/fd/${held}`, own.alive);
    else release();
    fs.renameSync(beside, own.endpoint);
  } catch (error) {
    release();
    for (const file of [own.alive, beside]) fs.rmSync(file, { force: true });
    throw error;
  }
  return {
    release,
    withdraw() {
      release();
      for (const file of [own.alive, own.endpoint]) fs.rmSync(file, { force: true });
    },
  };
}
