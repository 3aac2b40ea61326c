import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../src/cli/commands.ts';
import { parse } from '../src/cli/parse.ts';
import { FAILURE_CODES } from '../src/core/failure.ts';
import { SETTING_NAMES } from '../src/core/settings.ts';
import { undocumented } from './helpers/docstrings.ts';
import { readTree } from './helpers/source-files.ts';

const SOURCES = readTree('src/**/*.{ts,tsx}', 'bin/*.ts');
const README = [...readTree('README.md').values()][0] ?? '';

describe('files', () => {
  const lines = [...SOURCES].map(([file, text]) => ({ file, lines: text.split('\n').length - 1 }));

  test('have at most 400 lines, so that each can be read in one sitting', () => {
    expect(lines.filter((each) => each.lines > 400)).toEqual([]);
  });

  test('have at most 90 lines in the middle, because one file is one idea', () => {
    const middle = lines.sort((a, b) => a.lines - b.lines)[Math.floor(lines.length / 2)];
    expect(middle?.lines).toBeLessThanOrEqual(90);
  });

  test('take zod as a namespace, because its named export brings every language into the bundle', () => {
    expect([...SOURCES].filter(([, text]) => /import \{[^}]*\bz\b[^}]*\} from 'zod'/.test(text))).toEqual([]);
  });

  test('and folders are named in lower case with hyphens, so that a name is never misspelt by its case', () => {
    const parts = [...SOURCES.keys()].flatMap((file) => file.split('/').map((part) => ({ file, part })));
    expect(parts.filter(({ part }) => !/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(part))).toEqual([]);
  });
});

describe('docstrings', () => {
  test('say what every exported function and class promises', () => {
    expect(undocumented(SOURCES)).toEqual([]);
  });

  test('are missed where they are missing, and only there', () => {
    const tree = new Map([
      [
        'a.ts',
        `/** Said. */
        export function said() {}
        export function bare() {}
        export const arrow = () => {};
        /** Said. */
        export const told = () => {};
        export const value = 1;
        export interface Data { act(): string }
        export class Thing {}
        function own() {}`,
      ],
    ]);
    expect(undocumented(tree)).toEqual(['a.ts: bare', 'a.ts: arrow', 'a.ts: Thing']);
  });
});

describe('the README', () => {
  /** The rows of the table below a heading, cell by cell. */
  const table = (heading: string): string[][] => {
    const [, section = ''] = README.split(`\n${heading}\n`);
    const rows = section.split(/\n#{2,3} /)[0]?.match(/^\|.*\|$/gm) ?? [];
    return rows.slice(2).map((row) =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  };

  test('lists every error code with its meaning, and no other', () => {
    const listed = table('### Error codes').map(([code = '', meaning]) => [code.replaceAll('`', ''), meaning]);
    expect(listed).toEqual(Object.entries(FAILURE_CODES));
  });

  test('lists every command, and no other', () => {
    const listed = table('## Commands').flatMap(([cell = '']) => cell.match(/(?<=`)[a-z]+/g) ?? []);
    expect(listed.sort()).toEqual(Object.keys(COMMANDS).sort());
  });

  test('lists every setting, and no other', () => {
    const listed = table('### Settings').flatMap(([cell = '']) => cell.match(/(?<=`)[\w.]+/g) ?? []);
    expect(listed.sort()).toEqual([...SETTING_NAMES].sort());
  });
});

test('every error code is used, so that the list tells what can happen', () => {
  const code = [...SOURCES].filter(([file]) => file !== 'src/core/failure.ts').map(([, text]) => text);
  const unused = Object.keys(FAILURE_CODES).filter((name) => !code.some((text) => text.includes(`'${name}'`)));
  expect(unused).toEqual([]);
});

describe.each(Object.entries(COMMANDS))('the command %s', (name, load) => {
  test('is called by its name, says what it does, and shows how', async () => {
    const command = await load();
    expect(command.usage.split(' ')[0]).toBe(name);
    expect(command.summary).toMatch(/^[A-Z].*[^.]$/);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const [line, what] of command.examples) {
      expect(line.split(' ')[0]).toBe(name);
      expect(what).toMatch(/./);
    }
  });

  test('explains itself, each option and each example', async () => {
    const command = await load();
    const parsed = await parse([name, '--help'], COMMANDS);
    if (!('text' in parsed)) throw new Error('it would have run');
    expect(parsed.exitCode).toBe(0);
    const words = parsed.text.replaceAll(/\s+/g, ' ');
    expect(words).toContain(command.summary);
    expect(words).toContain('--json');
    for (const [option, { describe: about = '' }] of Object.entries(command.options)) {
      expect(about).toMatch(/^\S/);
      // yargs shows a switch that is on by default as the one that turns it off.
      expect(words).toMatch(new RegExp(`--(no-)?${option}`));
    }
    for (const positional of Object.keys(command.positionals ?? {})) expect(words).toContain(positional);
    // A long example is broken over lines, with what it does beside the first of them.
    for (const word of command.examples.flatMap(([line]) => line.split(' '))) expect(words).toContain(word);
  });
});

test('the overview names every command with its summary', async () => {
  const parsed = await parse(['--help'], COMMANDS);
  const words = 'text' in parsed ? parsed.text.replaceAll(/\s+/g, ' ') : '';
  for (const load of Object.values(COMMANDS)) expect(words).toContain((await load()).summary);
});
