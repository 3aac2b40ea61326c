import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiles a C program of this folder into `folder`. Throws when there is no compiler. */
export function compile(name: string, folder: string): string {
  const program = path.join(folder, name);
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  const { status, stderr, error } = spawnSync('gcc', ['-O2', '-o', program, source], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`gcc is needed to compile ${name}.c: ${error?.message ?? stderr}`);
  return program;
}
