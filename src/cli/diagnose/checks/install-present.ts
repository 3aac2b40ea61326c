import { accessSync, constants, existsSync } from 'node:fs';
import { systemCode } from '../../../core/failure.ts';
import type { Host } from '../../../core/host.ts';
import { type Check, found, passed } from '../check.ts';

export const installPresent: Check = {
  id: 'install.present',
  title: 'capsule-kiro is installed for this user, as a whole',
  why: 'Without our folder and the program in it no hook can ring and no daemon can start.',
  remedy: 'Install it, or install it again: that puts back what is missing and changes nothing else.',
  needs: [],
  run(host) {
    const { home, program, attachments } = host.own;
    const read = [home, program, attachments];
    const fix = { say: 'Install it; what is in place stays as it is', command: 'capsule-kiro install' };
    if (!isFolder(host)) return found('fail', read, ['there is no home folder to install into'], HOMELESS);
    if (!existsSync(home)) return found('fail', read, [`${home} is not there`], fix);
    const lacks = [
      ...(isExecutable(program) ? [] : [`${program} leads to no program that can be run`]),
      ...(existsSync(attachments) ? [] : [`${attachments} is not there: nothing was ever attached`]),
    ];
    return lacks.length === 0 ? passed(read, `in ${home}`) : found('fail', read, lacks, fix);
  },
};

const HOMELESS = { say: 'Set HOME (on Windows: USERPROFILE) to a folder of yours, then install' };

const isFolder = ({ home }: Host) => home !== '' && existsSync(home);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}
