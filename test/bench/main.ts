/**
 * `npm run bench [-- name… [--write]]`: runs the measurements of this folder one after the other and prints each one's table.
 * `--write` also puts each table into the README, with the command, the day and the machine.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { replaceTable } from './readme-table.ts';

export interface Measurement {
  title: string;
  /** Rows of a table, the first one its head. Figures are ratios within this run, or say what they are. */
  run(): Promise<string[][]>;
}

const README = new URL('README.md', import.meta.url);
const words = process.argv.slice(2);
const write = words.includes('--write');
const wanted = words.filter((word) => !word.startsWith('--'));
const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
  .filter((name) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)));
if (names.length === 0) throw new Error(`there is no measurement called ${wanted.join(' or ')}`);
const failed: string[] = [];
const begun = performance.now();
for (const [index, name] of names.entries()) {
  const load = loadNow();
  const started = performance.now();
  try {
    const { measurement } = (await import(`./${name}.bench.ts`)) as { measurement: Measurement };
    process.stdout.write(`\n## ${measurement.title} (${name}, ${index + 1} of ${names.length})\n\n`);
    const table = asTable(await measurement.run());
    const seconds = (performance.now() - started) / 1000;
    process.stdout.write(`${table}\n${name}: ${seconds.toFixed(0)} s\n`);
    if (write) keep(name, `${table}\n${provenance(name, load, seconds)}`);
  } catch (error) {
    // The others are worth having all the same.
    failed.push(name);
    process.stdout.write(`${name} FAILED: ${error instanceof Error ? error.stack : String(error)}\n`);
  }
}
process.stdout.write(`\n${names.length} measured in ${((performance.now() - begun) / 60_000).toFixed(1)} minutes\n`);
if (failed.length > 0) process.exitCode = 1;

function asTable([head = [], ...rows]: string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

function keep(name: string, text: string): void {
  writeFileSync(README, replaceTable(readFileSync(README, 'utf8'), name, text));
}

function provenance(name: string, load: string, seconds: number): string {
  const machine = `${os.cpus().length} cores (${os.cpus()[0]?.model.trim()}), ${os.platform()} ${os.release().split('-')[0]}`;
  const day = new Date().toISOString().slice(0, 10);
  return `\`npm run bench -- ${name}\`, ${day}, Node ${process.version.slice(1)}, ${machine}; load ${load} when it began; ${seconds.toFixed(0)} s.\n`;
}

function loadNow(): string {
  return (os.loadavg()[0] ?? 0).toFixed(1);
}
