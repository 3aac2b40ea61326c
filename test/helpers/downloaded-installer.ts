/** Installers as an administrator makes them and a developer runs them. For scenario tests. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { executableName } from '../../src/portal/installers/executables.ts';
import { type Machine, PROGRAM } from './machine.ts';

/** Hands the program under test out as the executable: in a checkout by a script that starts its launcher. */
export function fillExecutables(machine: Machine): void {
  const folder = path.join(machine.folder, 'portal', 'executables');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, executableName(process.platform === 'darwin' ? 'darwin' : 'linux', process.arch));
  if (process.env.CAPSULE_KIRO_PROGRAM === undefined) writeFileSync(file, `#!/bin/sh\nexec '${PROGRAM}' "$@"\n`);
  else writeFileSync(file, readFileSync(PROGRAM));
  chmodSync(file, 0o755);
}

/** As the page says: `bash ~/Downloads/…`. */
export function runInstaller(machine: Machine, file: string): Promise<{ exitCode: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = spawn('bash', [file, '--no-service'], { env: machine.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('close', (exitCode) => resolve({ exitCode, said }));
  });
}

/** Clicks the link to the installer's file, and keeps it where a browser would. Answers where. */
export async function download(page: Page, machine: Machine): Promise<string> {
  const downloads = path.join(machine.home, 'Downloads');
  mkdirSync(downloads, { recursive: true });
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'capsule-kiro-install.sh' }).click(),
  ]);
  const saved = path.join(downloads, file.suggestedFilename());
  await file.saveAs(saved);
  return saved;
}
