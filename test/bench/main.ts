/** `npm run bench [name…]`: runs the measurements of this folder one after the other and prints each one's table. */
import { readdirSync } from 'node:fs';

export interface Measurement {
  title: string;
  /** Rows of a table, the first one its head. Figures are ratios within this run, or say what they are. */
  run(): Promise<string[][]>;
}

const wanted = process.argv.slice(2);
const files = readdirSync(new URL('.', import.meta.url)).filter((file) => file.endsWith('.bench.ts'));
for (const file of files.filter((each) => wanted.length === 0 || wanted.some((name) => each.startsWith(name)))) {
  const { measurement } = (await import(`./${file}`)) as { measurement: Measurement };
  process.stdout.write(`\n## ${measurement.title} (${file})\n\n`);
  const [head = [], ...rows] = await measurement.run();
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  process.stdout.write(line(head) + line(head.map(() => '---')) + rows.map(line).join(''));
}
