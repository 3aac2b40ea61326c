import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../../../core/host.ts';
import { DISPATCHER_FILES } from '../../../kiro/dispatcher-command.ts';
import { firstLine } from '../../../service/first-line.ts';
import { dispatcherFiles } from '../../dispatcher-files.ts';
import { type Check, found, passed, skipped } from '../check.ts';

export const dispatcherSilent: Check = {
  id: 'dispatcher.silent',
  title: 'the script rings, says nothing and ends with 0, as run by this shell',
  why: 'What a hook prints reaches the agent, and exit code 1 can make Kiro 1.x go on working; without a ring events come late.',
  remedy: 'See that /bin/sh runs; report it with what was found.',
  needs: ['dispatcher.intact'],
  async run(host) {
    if (host.platform === 'win32') return skipped('not tried on Windows');
    // A copy with a folder of its own, so that nothing rings that was no turn.
    const folder = mkdtempSync(path.join(tmpdir(), 'capsule-silent-'));
    try {
      return await tryIn(host, folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function tryIn(host: Host, folder: string) {
  const own = path.join(folder, 'own');
  mkdirSync(path.join(own, 'rings'), { recursive: true });
  for (const { name, text } of dispatcherFiles(host)) {
    writeFileSync(path.join(folder, name), name === 'capsule-home' ? `${own}\n` : text, { mode: 0o700 });
  }
  const script = path.join(folder, DISPATCHER_FILES.posix);
  const { exitCode, stdout, stderr } = await host.run('/bin/sh', [script], 10_000);
  const amiss = [
    ...(exitCode === 0 ? [] : [`it ended with ${exitCode ?? 'a signal, or was not started'}`]),
    ...(stdout === '' && stderr === '' ? [] : [`it printed: ${firstLine(stdout + stderr)}`]),
    ...(readdirSync(path.join(own, 'rings')).length === 1 ? [] : ['it left no ring']),
  ];
  const read = ['/bin/sh with a copy of the script and an empty folder'];
  return amiss.length === 0
    ? passed(read, 'one ring, not a word, exit code 0')
    : found('fail', read, amiss, { say: 'See that /bin/sh runs; then report this with what was found' });
}
