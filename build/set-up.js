// Brings a fresh clone to the point where the program runs: dependencies (with the Node they include), the page and the licences.
// Plain JavaScript without dependencies: the system's own Node, 18 or later, runs it before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const age = (name) => (existsSync(root + name) ? statSync(root + name).mtimeMs : 0);

if (age('node_modules/.package-lock.json') < age('package-lock.json')) {
  process.stderr.write('Installing what capsule-kiro is built with (once; it brings its own Node along) …\n');
  must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
} else if (!existsSync(`${root}dist/page/index.html`) || !existsSync(`${root}dist/licenses.txt`)) {
  must('npm', ['run', '--silent', 'prepare']);
}

function must(program, args) {
  const { status } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}
