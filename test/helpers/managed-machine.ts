/** A machine on which an organisation lays down settings: the program sees a folder of the test's as `/etc/capsule-kiro`. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isRoot } from './unprivileged.ts';

const UNSHARED = ['-m', 'sh', '-c', 'true'];

/** Why there can be none here; undefined when there can. The place is fixed, so it takes a mount that only the program sees. */
export function noManagedMachine(): string | undefined {
  if (process.platform !== 'linux' || !isRoot) return 'needs Linux and root';
  return spawnSync('unshare', UNSHARED).status === 0 ? undefined : 'no mount can be made here';
}

export interface ManagedPlaces {
  /** Runs what it is given with the organisation's folder in its place: `wrapper PROGRAM ARGS`. */
  wrapper: string;
  /** Lays this down. */
  write(text: string, mode?: number): void;
}

/** `folder` is the test's own. */
export function managedPlaces(folder: string): ManagedPlaces {
  const place = (name: string) => {
    const made = path.join(folder, name);
    mkdirSync(made, { recursive: true });
    return made;
  };
  const [upper, work, laid] = [place('upper'), place('work'), place('laid-down')];
  mkdirSync(path.join(upper, 'capsule-kiro'));
  chmodSync(laid, 0o755);
  const wrapper = path.join(folder, 'managed.sh');
  writeFileSync(
    wrapper,
    `#!/bin/sh
exec unshare -m sh -c 'mount -t overlay etc -o lowerdir=/etc,upperdir=${upper},workdir=${work} /etc &&
  mount --bind ${laid} /etc/capsule-kiro && exec "$@"' sh "$@"
`,
    { mode: 0o755 },
  );
  return {
    wrapper,
    write(text, mode = 0o644) {
      const file = path.join(laid, 'managed.json');
      writeFileSync(file, text);
      chmodSync(file, mode);
    },
  };
}
