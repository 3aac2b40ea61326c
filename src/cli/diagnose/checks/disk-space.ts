import { statfsSync } from 'node:fs';
import { bytes } from '../../say.ts';
import { type Check, type CheckStatus, found, passed } from '../check.ts';

const MIB = 1024 * 1024;

export const diskSpace: Check = {
  id: 'disk.space',
  title: 'there is room on the disk for events that wait',
  why: 'On a full disk events cannot be kept while the portal is away; they are read again once there is room.',
  remedy: 'Make room on that disk.',
  needs: ['install.present'],
  run(host) {
    const { bavail, bsize } = statfsSync(host.own.home);
    const free = bavail * bsize;
    const read = [`free space at ${host.own.home}`];
    const said = `${bytes(free)} free`;
    const status = judgeSpace(free);
    return status === 'pass' ? passed(read, said) : found(status, read, [said], { say: 'Make room on that disk' });
  },
};

/** What so many free bytes mean. Pure. */
export function judgeSpace(free: number): Extract<CheckStatus, 'pass' | 'warn' | 'fail'> {
  if (free < 50 * MIB) return 'fail';
  return free < 500 * MIB ? 'warn' : 'pass';
}
