import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { frozenRecord, readRecord, withRecord } from '../../src/kiro/attachment-record.ts';
import { tempFolder, tempHost } from '../helpers/temp-home.ts';

const CHANGE = {
  kind: 'trust',
  file: '/s.json',
  entry: '',
  workspace: null,
  before: Buffer.from('{}'),
  added: 'x',
  afterSha256: 'a',
} as const;

describe('the record', () => {
  test('is made when it is first written, for its owner alone', () => {
    const host = tempHost();
    expect(readRecord(host)).toEqual([]);
    expect(existsSync(host.own.home)).toBe(false);
    withRecord(host, (record) => record.make(CHANGE, () => {}));
    expect(statSync(host.own.attachments).mode & 0o777).toBe(0o600);
    expect(readRecord(host)).toMatchObject([{ ...CHANGE, before: new Uint8Array(CHANGE.before), state: 'made' }]);
  });

  test('holds the intent while we act', () => {
    withRecord(tempHost(), (record) => {
      record.make(CHANGE, () => expect(record.find('trust', '/s.json')).toMatchObject({ state: 'intended' }));
      expect(record.find('trust', '/s.json')).toMatchObject({ state: 'made' });
    });
  });

  test('is as before when acting fails', () => {
    withRecord(tempHost(), (record) => {
      const fail = () => {
        throw new Error('disk full');
      };
      expect(() => record.make(CHANGE, fail)).toThrow('disk full');
      expect(record.list()).toEqual([]);
      record.make(CHANGE, () => {});
      expect(() => record.make({ ...CHANGE, added: 'y' }, fail)).toThrow('disk full');
      expect(record.list()).toMatchObject([{ added: 'x', state: 'made' }]);
    });
  });

  test('holds all intents of changes that belong together before the first is made, and each as made once all are', () => {
    withRecord(tempHost(), (record) => {
      const states = () => record.list().map(({ file, state }) => `${file} ${state}`);
      const seen: string[][] = [];
      const step = (file: string) => ({ change: { ...CHANGE, file }, act: () => void seen.push(states()) });
      record.makeInOrder([step('/a'), step('/b')]);
      const intended = ['/a intended', '/b intended'];
      expect(seen).toEqual([intended, intended]);
      expect(states()).toEqual(['/a made', '/b made']);
    });
  });

  test('keeps what was made before a step that fails, and is as before for that one and those after it', () => {
    withRecord(tempHost(), (record) => {
      record.make({ ...CHANGE, file: '/c' }, () => {});
      const fail = () => {
        throw new Error('disk full');
      };
      const steps = [() => {}, fail, () => {}].map((act, n) => ({
        change: { ...CHANGE, file: `/${'abc'[n]}`, added: 'y' },
        act,
      }));
      expect(() => record.makeInOrder(steps)).toThrow('disk full');
      expect(record.list()).toMatchObject([
        { file: '/c', added: 'x', state: 'made' },
        { file: '/a', added: 'y', state: 'made' },
      ]);
    });
  });

  test('can be planned with, but not written to, in a dry run', () => {
    const record = frozenRecord([]);
    expect(() => record.make(CHANGE, () => {})).toThrow('dry run');
  });
});

/** More than the smallest machine has cores; each is a process. */
const MANY = 3;

test('many installs at once end in one edit and one snapshot, and each of them succeeds', async () => {
  const home = tempFolder();
  const user = path.join(home, '.config', 'Kiro', 'User');
  mkdirSync(user, { recursive: true });
  writeFileSync(path.join(user, 'settings.json'), '{ "a": 1 }');
  const program = fileURLToPath(new URL('../helpers/attach-once.ts', import.meta.url));
  const installs = Array.from({ length: MANY }, () => runNode([program, home]));
  const results = await Promise.all(installs);
  expect(results.map((result) => result.exitCode)).toEqual(Array(MANY).fill(0));
  const words = results.map((result) => result.stdout).sort();
  expect(words).toEqual([...Array(MANY - 1).fill('already already already'), 'done done done']);
  const text = readFileSync(path.join(user, 'settings.json'), 'utf8');
  expect(text).toBe('{ "a": 1, "kiroAgent.trustedCommands": ["~/.kiro/scripts/capsule-dispatch.sh"] }');
  expect(readdirSync(path.join(home, 'own', 'snapshots'))).toHaveLength(2);
  expect(readdirSync(user)).toEqual(['settings.json']);
}, 60_000);

function runNode(args: string[]): Promise<{ exitCode: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.on('close', (exitCode) => resolve({ exitCode, stdout }));
  });
}
