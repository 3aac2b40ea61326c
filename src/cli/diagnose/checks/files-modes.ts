import { findLooseFiles } from '../../loose-files.ts';
import { type Check, found, passed, skipped } from '../check.ts';

export const filesModes: Check = {
  id: 'files.modes',
  title: 'nobody else can read our files, or change what Kiro runs',
  why: 'Our folder holds the credential and what was captured; whoever can write the dispatcher runs programs as you.',
  remedy: 'Let diagnose take the rights away.',
  needs: ['install.present', 'settings.valid'],
  async run(host, facts) {
    if (host.platform === 'win32') return skipped('on Windows the folders of a user are closed by where they are');
    const { paths } = await facts.around();
    const read = [host.own.home, paths.scripts, paths.userHooks];
    const loose = findLooseFiles(host, paths);
    if (loose.length === 0) return passed(read);
    const said = loose.map(({ file, mode, foreign }) =>
      foreign ? `${file} belongs to another user` : `${file} is open to others (mode ${mode.toString(8)})`,
    );
    return found('fail', read, said, {
      say: 'Take the rights away; what belongs to another user only they or root can give back',
      command: 'capsule-kiro diagnose --fix --only files.modes',
    });
  },
};
