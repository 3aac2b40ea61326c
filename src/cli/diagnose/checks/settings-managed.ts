import { Failure } from '../../../core/failure.ts';
import type { Host } from '../../../core/host.ts';
import { type Managed, readManaged } from '../../managed-settings.ts';
import { type Check, found, passed, skipped } from '../check.ts';

export const settingsManaged: Check = {
  id: 'settings.managed',
  title: "the organisation's settings for this machine are in force",
  why: "What an organisation lays down holds only from a file that the machine's users cannot write; any other is ignored.",
  remedy: 'Have the file and its folder belong to root, mode 644 and 755, and hold settings that are understood.',
  needs: [],
  run(host, facts) {
    const { file } = host.managed;
    const mend = { say: `Whoever looks after this machine has to put ${file} right.` };
    const managed = look(host);
    if (managed instanceof Failure) return found('fail', [file], [managed.message], mend);
    if (managed.is === 'none') return skipped(`there is no ${file}`);
    if (managed.is === 'ignored') return found('fail', [file], [`${file} is ignored: ${managed.why}`], mend);
    const portal = managed.settings['portal.url'] ?? null;
    const enrolled = facts.credential()?.portal ?? null;
    if (portal !== null && enrolled !== null && origin(portal) !== origin(enrolled)) {
      return found('warn', [file, host.own.credential], [`enrolled at ${enrolled}, not at ${portal}`], {
        say: 'Enrol at the portal that is laid down, with a code of its.',
        command: 'capsule-kiro token set',
      });
    }
    const names = [...Object.keys(managed.settings), ...(managed.autostart ? ['service.autostart'] : [])];
    return passed([file], names.length === 0 ? 'it lays down nothing' : `laid down: ${names.join(', ')}`);
  },
};

function look(host: Host): Managed | Failure {
  try {
    return readManaged(host);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

const origin = (address: string) => new URL(address).origin;
