import { lstatSync } from 'node:fs';
import path from 'node:path';
import { readRegular } from '../../../kiro/place-file.ts';
import { dispatcherFiles } from '../../dispatcher-files.ts';
import { type Check, found, passed } from '../check.ts';

export const dispatcherIntact: Check = {
  id: 'dispatcher.intact',
  title: 'the script that hooks call is ours byte for byte, can be run, and knows our folder',
  why: 'A script that was changed may ring nobody, or do something else as you at the end of each turn.',
  remedy: 'Let diagnose put it right; so does the daemon by itself.',
  needs: ['dispatcher.present'],
  async run(host, facts) {
    const { paths } = await facts.around();
    const wanted = dispatcherFiles(host).map(({ name, text }) => ({ file: path.join(paths.scripts, name), text }));
    const read = wanted.map(({ file }) => file);
    const amiss = wanted.flatMap(({ file, text }) => {
      const now = readRegular(file);
      if (now === undefined) return [`${file} is missing`];
      if (now.toString('utf8') !== text) return [`${file} is not as this version writes it`];
      const runs = host.platform === 'win32' || (lstatSync(file).mode & 0o100) !== 0;
      return runs ? [] : [`${file} is not executable`];
    });
    if (amiss.length === 0) return passed(read);
    return found('fail', read, amiss, {
      say: 'Put it right',
      command: 'capsule-kiro diagnose --fix --only dispatcher',
    });
  },
};
