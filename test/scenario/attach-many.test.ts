/** Everybody installs at once: login scripts, several terminals, a daemon beside them. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { tempFolder } from '../helpers/temp-home.ts';

const PROGRAM = fileURLToPath(new URL('../helpers/attach-once.ts', import.meta.url));
/** All of them take some 6 GB of memory for a moment. */
const INSTALLS = process.env.FUZZ_RUNS === undefined ? 40 : 200;

function install(home: string): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, home], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('close', (code) => resolve({ code, said }));
  });
}

test(`${INSTALLS} installs at once end in one edit and one snapshot, and each of them succeeds`, async () => {
  const home = path.join(tempFolder(), 'home');
  const user = path.join(home, '.config', 'Kiro', 'User');
  mkdirSync(user, { recursive: true });
  writeFileSync(path.join(user, 'settings.json'), '{ "a": 1 }');
  const ended = await Promise.all(Array.from({ length: INSTALLS }, () => install(home)));
  expect(ended.filter(({ code }) => code !== 0)).toEqual([]);
  const said = ended.map((each) => each.said).sort();
  expect(said).toEqual([...Array(INSTALLS - 1).fill('already already already'), 'done done done']);
  expect(readFileSync(path.join(user, 'settings.json'), 'utf8')).toBe(
    '{ "a": 1, "kiroAgent.trustedCommands": ["~/.kiro/scripts/capsule-dispatch.sh"] }',
  );
  expect(readdirSync(path.join(home, 'own', 'snapshots'))).toHaveLength(2);
  expect(readdirSync(user)).toEqual(['settings.json']);
}, 300_000);
