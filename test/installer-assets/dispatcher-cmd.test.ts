/**
 * Windows' dispatcher under Wine's cmd.exe: that it parses, prints nothing, ends with 0 and leaves a ring, in folders and under
 * variables of all kinds. Not what Windows' own cmd.exe does, nor how long it takes: there is no Windows here.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { dispatcherFiles } from '../../src/cli/dispatcher-files.ts';
import { ownPathsIn } from '../../src/core/host.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const hasWine = process.platform === 'linux' && spawnSync('wine', ['--version']).status === 0;

/** As Windows names it: Wine shows the whole file system as drive Z. */
const onZ = (file: string) => `Z:${file.replaceAll('/', '\\')}`;

(hasWine ? describe : describe.skip)('the dispatcher of Windows (skipped without wine: install it)', () => {
  let wineHome: string;
  const wineEnv = () => ({ ...process.env, WINEPREFIX: wineHome, WINEDEBUG: '-all', DISPLAY: '' });
  beforeAll(() => {
    wineHome = mkdtempSync(path.join(tmpdir(), 'capsule-wine-'));
    spawnSync('wineboot', ['--init'], { env: wineEnv(), stdio: 'ignore' });
  });
  afterAll(() => {
    // The server of this folder alone.
    spawnSync('wineserver', ['-k', '-w'], { env: wineEnv(), stdio: 'ignore' });
    rmSync(wineHome, { recursive: true, force: true });
  });

  let folder: string;
  let scripts: string;
  let rings: string;
  beforeEach(() => {
    folder = tempFolder();
    const home = path.join(folder, "our own's");
    scripts = path.join(folder, "Kiro's scripts");
    rings = ownPathsIn(home).rings;
    for (const each of [rings, scripts]) mkdirSync(each, { recursive: true });
    const own = { ...ownPathsIn(home), home: onZ(home) };
    for (const { name, text } of dispatcherFiles({ own, platform: 'win32' }))
      writeFileSync(path.join(scripts, name), text);
    // A daemon said where it is: nothing needs to be started.
    writeFileSync(ownPathsIn(home).endpoint, '{}');
  });

  /** As Kiro does, with stdin left open. Resolves when nobody holds its pipes any more. */
  function dispatch(args: string[] = [], where: { cwd?: string; prompt?: string } = {}) {
    const script = onZ(path.join(scripts, 'capsule-dispatch.cmd'));
    const child = spawn('wine', ['cmd', '/d', '/c', script, ...args], {
      cwd: where.cwd ?? folder,
      env: { ...wineEnv(), USER_PROMPT: where.prompt ?? 'hello' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text));
    return new Promise((resolve) => child.once('close', (exitCode) => resolve({ exitCode, output })));
  }
  const SILENT = { exitCode: 0, output: '' };
  const written = () =>
    readdirSync(rings).map((name) => JSON.parse(readFileSync(path.join(rings, name), 'utf8')) as object);

  test('writes one ring that names the folder it ran in, prints nothing and leaves stdin alone', async () => {
    expect(await dispatch()).toEqual(SILENT);
    expect(readdirSync(rings)).toEqual([expect.stringMatching(/^cmd-[0-9-]+\.json$/)]);
    expect(written()).toEqual([{ from: 'env', cwd: onZ(folder), payload: {} }]);
  });

  // Not with `!` or `%`, which this cmd.exe reads a second time.
  test.each(['with spaces', 'R&D', "it's", '(x86)', 'a^b'])(
    'writes one ring, and its name whole, in a folder called %j',
    async (name) => {
      const cwd = path.join(folder, name);
      mkdirSync(cwd);
      expect(await dispatch([], { cwd })).toEqual(SILENT);
      expect(written()).toEqual([{ from: 'env', cwd: onZ(cwd), payload: {} }]);
    },
  );

  test.each([
    'a" & echo PWNED>pwned & "',
    '%PATH%',
    '!PATH!',
    '^& echo PWNED>pwned',
    'a\nb & echo PWNED>pwned',
    `x${'x & echo PWNED>pwned '.repeat(1_000)}`,
  ])('runs nothing of a hostile prompt (%#)', async (prompt) => {
    expect(await dispatch([], { prompt })).toEqual(SILENT);
    expect(written()).toHaveLength(1);
    expect(readdirSync(folder)).not.toContain('pwned');
  });

  test('is silent where our folder, its path or the program is gone', async () => {
    expect(await dispatch(['stdin'])).toEqual(SILENT);
    rmSync(rings, { recursive: true });
    expect(await dispatch()).toEqual(SILENT);
    rmSync(path.join(scripts, 'capsule-home'));
    expect(await dispatch()).toEqual(SILENT);
  });
});
