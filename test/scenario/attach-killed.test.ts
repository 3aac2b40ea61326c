import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { ownPathsIn } from '../../src/core/host.ts';
import { detach } from '../../src/kiro/detach.ts';
import { tempFolder, tempHost } from '../helpers/temp-home.ts';

const SETTINGS = '\uFEFF{\r\n\t"a": 1, // mine\r\n}';
const program = fileURLToPath(new URL('../helpers/attach-once.ts', import.meta.url));

function machine() {
  const home = path.join(tempFolder(), 'home');
  const files = {
    [path.join(home, '.config', 'Kiro', 'User', 'settings.json')]: SETTINGS,
    [path.join(home, 'demo', '.git', 'HEAD')]: 'ref: refs/heads/main\n',
    [path.join(home, 'demo', '.git', 'objects', 'x')]: '',
    [path.join(home, 'demo', '.git', 'info', 'exclude')]: '# mine',
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const host = { ...tempHost({ home: path.dirname(home) }), home, own: ownPathsIn(path.join(home, 'own')) };
  const install = (killAt?: number) => {
    const more = killAt === undefined ? [] : [String(killAt)];
    return spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, home, ...more], {
      encoding: 'utf8',
    });
  };
  return { home, host, install };
}

/** Everything but our own folder: each file with its text, each folder. */
function contents(home: string): Record<string, string> {
  const entries = readdirSync(home, { recursive: true, withFileTypes: true });
  const all = entries.map((it) => {
    const file = path.join(it.parentPath, it.name);
    return [path.relative(home, file), it.isFile() ? readFileSync(file, 'latin1') : 'folder'] as const;
  });
  return Object.fromEntries(all.filter(([file]) => file !== 'own' && !file.startsWith('own/')).sort());
}

describe('an install that is killed at any of its steps', () => {
  test('leaves nothing that cannot be undone exactly, and nothing that a second install does not complete', () => {
    const reference = machine();
    const before = contents(reference.home);
    expect(reference.install().status).toBe(0);
    const complete = contents(reference.home);

    let killed = 0;
    for (let step = 1; ; step++) {
      const [undone, repeated] = [machine(), machine()];
      const first = undone.install(step);
      if (first.signal !== 'SIGKILL') break;
      killed++;
      detach(undone.host);
      expect(contents(undone.home)).toEqual(before);

      repeated.install(step);
      expect(repeated.install().status).toBe(0);
      expect(contents(repeated.home)).toEqual(complete);
      detach(repeated.host);
      expect(contents(repeated.home)).toEqual(before);
    }
    // Two for each recorded change, and one for each snapshot.
    expect(killed).toBeGreaterThan(20);
  }, 120_000);
});
