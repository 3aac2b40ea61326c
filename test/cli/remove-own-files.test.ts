import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { removeOwnFiles } from '../../src/cli/remove-own-files.ts';
import { fileLog } from '../../src/core/log.ts';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import { tempFolder, tempHost } from '../helpers/temp-home.ts';

/** Our folder as it is after some days, with everything that is ever in it. */
function lived() {
  const host = tempHost();
  const { own } = host;
  for (const folder of [own.rings, own.snapshots, path.dirname(own.socket), path.dirname(own.program)])
    mkdirSync(folder, { recursive: true });
  const files = [own.settings, own.credential, own.enrolment, own.device, own.endpoint, own.attachments, own.socket];
  for (const file of [...files, path.join(own.rings, '7-0.json'), path.join(own.snapshots, 'settings.json')])
    writeFileSync(file, '');
  symlinkSync('/opt/capsule-kiro', own.program);
  symlinkSync('/proc/4194305/fd/20', own.alive);
  openOutbox(own.database, host.now).close();
  writeFileSync(`${own.database}-wal`, '');
  fileLog(own.log, host.now).info('started');
  writeFileSync(`${own.log}.1`, '');
  return own;
}

test('everything of ours goes, and the folder with it', () => {
  const own = lived();
  expect(removeOwnFiles(own)).toBe(true);
  expect(existsSync(own.home)).toBe(false);
  expect(removeOwnFiles(own)).toBe(true);
});

test.each(['letter.txt', 'log/letter.txt', 'run/letter.txt', 'bin/letter.txt', 'portal/store.db'])(
  'somebody else’s %s stays, and so does the folder',
  (name) => {
    const own = lived();
    const letter = path.join(own.home, name);
    mkdirSync(path.dirname(letter), { recursive: true });
    writeFileSync(letter, 'precious');
    expect(removeOwnFiles(own)).toBe(false);
    expect(readFileSync(letter, 'utf8')).toBe('precious');
    expect(existsSync(own.database)).toBe(false);
    expect(existsSync(own.credential)).toBe(false);
  },
);

test('what a link of ours points to stays', () => {
  const own = lived();
  const elsewhere = path.join(tempFolder(), 'settings.json');
  writeFileSync(elsewhere, 'precious');
  removeOwnFiles(own);
  mkdirSync(own.home, { recursive: true });
  symlinkSync(elsewhere, own.settings);
  expect(removeOwnFiles(own)).toBe(true);
  expect(readFileSync(elsewhere, 'utf8')).toBe('precious');
});
