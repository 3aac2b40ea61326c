/** The power fails while we attach: whatever of ours a disk may hold by then, the record that undoes it is on it, too. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { ownPathsIn } from '../../src/core/host.ts';
import { readRecord } from '../../src/kiro/attachment-record.ts';
import { powerFailures, readTrace, WRITES } from '../helpers/power-loss.ts';
import { hasStrace } from '../helpers/strace.ts';
import { tempFolder, tempHost } from '../helpers/temp-home.ts';

const program = fileURLToPath(new URL('../helpers/attach-once.ts', import.meta.url));
const [, , , , , which = ''] = WRITES;
const CALLS = [...WRITES.slice(0, -1), `${which},mkdir,rename`];

/** An install into a home with a repository, as strace wrote it down. */
function tracedInstall(home: string): string[] {
  const repository = path.join(home, 'demo', '.git');
  for (const folder of ['objects', 'info']) mkdirSync(path.join(repository, folder), { recursive: true });
  writeFileSync(path.join(repository, 'HEAD'), 'ref: refs/heads/main');
  const trace = path.join(tempFolder(), 'trace');
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', program, home];
  const ran = spawnSync('strace', ['-f', ...CALLS, '-o', trace, ...node], { encoding: 'utf8' });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return readFileSync(trace, 'latin1').split('\n');
}

/** The file or folder that a call brings to be, where that is not our own. */
function comesToBe(call: string, home: string): string[] {
  const made = /\bmkdir\("([^"]+)"/.exec(call)?.[1] ?? /\brename\("[^"]+", "([^"]+)"/.exec(call)?.[1];
  const ours = made?.startsWith(path.join(home, 'own'));
  return made === undefined || ours || !made.startsWith(`${home}/`) || !call.endsWith('= 0') ? [] : [made];
}

/** What the record says of files when only what was synced is left of it. */
function recorded(calls: readonly string[], home: string): string[] {
  const acts = readTrace(calls.join('\n')).filter(
    (act) => act.kind !== 'said' && act.file.startsWith(path.join(home, 'own')),
  );
  const host = { ...tempHost(), own: ownPathsIn(path.join(tempFolder(), 'again')) };
  mkdirSync(host.own.home);
  for (const { files } of powerFailures(
    acts,
    (done) => done === acts.length,
    () => false,
  ))
    for (const [file, bytes] of files) writeFileSync(path.join(host.own.home, path.basename(file)), bytes);
  return readRecord(host).map(({ file }) => file);
}

(hasStrace ? describe : describe.skip)('a power failure while we attach (skipped without strace: install it)', () => {
  test('finds each file and folder in the record before it can be on the disk', () => {
    const home = path.join(tempFolder(), 'home');
    const calls = tracedInstall(home);
    const made = calls.flatMap((call, at) => comesToBe(call, home).map((file) => ({ file, at })));
    expect(made.map(({ file }) => path.relative(home, file))).toEqual(
      expect.arrayContaining([
        'demo/.kiro',
        'demo/.kiro/hooks',
        'demo/.kiro/hooks/capsule-stop.json',
        'demo/.git/info/exclude',
      ]),
    );
    for (const { file, at } of made) expect(recorded(calls.slice(0, at), home)).toContain(file);
  });
});
