import { readFileSync } from 'node:fs';
import type { Host } from '../core/host.ts';
import { isWithin } from './workspace-state.ts';

/** A place where another file system begins. */
export interface Mount {
  point: string;
  type: string;
}

/** File systems behind which a server, or another program, may stop answering; a call that it does not answer never returns. */
const DISTANT = new Set([
  '9p',
  'afs',
  'autofs',
  'ceph',
  'cifs',
  'coda',
  'glusterfs',
  'lustre',
  'ncpfs',
  'smb3',
  'smbfs',
]);

function isDistant(type: string): boolean {
  return DISTANT.has(type) || type.startsWith('nfs') || type === 'fuse' || type.startsWith('fuse.');
}

/** The mounts that `/proc/self/mountinfo` lists; later ones may cover earlier ones. Pure. */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [left = '', right] = line.split(' - ');
    const point = left.split(' ')[4];
    const type = right?.split(' ')[0];
    if (point === undefined || type === undefined) return [];
    return [
      {
        point: point.replace(/\\([0-7]{3})/g, (_all, digits) => String.fromCharCode(Number.parseInt(digits, 8))),
        type,
      },
    ];
  });
}

/**
 * The kind of file system that a folder is on when it is one that may hang; null for a disk of this machine, and for the file
 * system that the home is on: should that one hang, so does everything. Pure.
 */
export function findDistant(folder: string, home: string, mounts: readonly Mount[]): string | null {
  const mount = mountOf(folder, mounts);
  return mount !== undefined && isDistant(mount.type) && mount !== mountOf(home, mounts) ? mount.type : null;
}

function mountOf(folder: string, mounts: readonly Mount[]): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts) {
    if (isWithin(folder, mount.point) && mount.point.length >= (found?.point.length ?? 0)) found = mount;
  }
  return found;
}

/** The mounts of this moment. Asking the kernel's list touches none of them. None on systems without such a list. */
export function readMounts(host: Pick<Host, 'platform'>): Mount[] {
  if (host.platform !== 'linux') return [];
  try {
    return parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    // A container may hide it: then every folder counts as one on a disk, as on the other systems.
    return [];
  }
}

const PROBE_MS = 5_000;

/**
 * Whether a folder on a distant file system answers within five seconds. Another process asks: a call of ours that hangs would
 * hold one of the few threads that do all our file work, and four of them all of it.
 */
export async function answers(host: Pick<Host, 'run'>, folder: string, limitMs = PROBE_MS): Promise<boolean> {
  const asked = host
    .run('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], limitMs)
    .then(({ exitCode }) => exitCode !== null);
  // A process that hangs in the kernel cannot be killed either, so it is not waited for.
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs + 500);
  });
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}
