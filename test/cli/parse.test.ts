import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { COMMANDS } from '../../src/cli/commands.ts';
import { parse, plainArgs } from '../../src/cli/parse.ts';
import { parseCommand } from '../../src/cli/parse-fully.ts';
import { runs } from '../helpers/fuzz.ts';

/** The arguments that a command line gives its command. */
async function argsOf(...argv: string[]): Promise<Record<string, unknown>> {
  const parsed = await parse(argv, COMMANDS);
  if ('text' in parsed) throw new Error(`it gives help: ${parsed.text}`);
  return parsed.args;
}
const usage = (message: RegExp, hint?: RegExp) => ({
  code: 'usage',
  message: expect.stringMatching(message),
  ...(hint !== undefined && { hint: expect.stringMatching(hint) }),
});

describe('a command line', () => {
  test('gives its command the options and positionals it names, and the defaults of the others', async () => {
    expect(
      await argsOf('install', '--portal', 'https://capsule.example', '--code-stdin', '--no-service'),
    ).toMatchObject({
      portal: 'https://capsule.example',
      'code-stdin': true,
      'token-stdin': false,
      service: false,
      'dry-run': false,
    });
    expect(await argsOf('config', 'set', 'content.level', 'off')).toMatchObject({
      action: 'set',
      name: 'content.level',
      value: 'off',
    });
  });

  test('takes --json before and behind the command', async () => {
    expect(await argsOf('--json', 'status')).toMatchObject({ json: true });
    expect(await argsOf('status', '--json')).toMatchObject({ json: true });
    expect((await argsOf('status')).json).toBeFalsy();
  });

  test.each<[string[], RegExp, RegExp]>([
    [['instal'], /no command called instal/, /--help/],
    [['constructor'], /no command called constructor/, /--help/],
    [['__proto__'], /no command called __proto__/, /--help/],
    [['status', '--verbose'], /verbose/, /status --help/],
    [['status', 'now'], /now/, /status --help/],
    [['install', '--hooks', 'none'], /hooks/, /install --help/],
    [['install', '--portal'], /arguments? following: portal/, /install --help/],
    [['install', '--hooks'], /hooks/, /install --help/],
    [['config', 'change'], /action/, /config --help/],
  ])('%j is not understood, and says where to look', async (argv, message, hint) => {
    await expect(parse(argv, COMMANDS)).rejects.toMatchObject(usage(message, hint));
  });

  test('that says nothing gets the overview as an error, one that asks gets it as an answer', async () => {
    expect(await parse([], COMMANDS)).toMatchObject({ exitCode: 2, text: expect.stringContaining('install') });
    expect(await parse(['--help'], COMMANDS)).toMatchObject({ exitCode: 0, text: expect.stringContaining('install') });
  });

  test('loads only the command it names', async () => {
    const loaded: string[] = [];
    const watched = Object.fromEntries(
      Object.entries(COMMANDS).map(([name, load]) => {
        const watch = () => {
          loaded.push(name);
          return load();
        };
        return [name, watch];
      }),
    );
    await parse(['status'], watched);
    expect(loaded).toEqual(['status']);
  });

  test('of any words is understood or refused, and never anything else', async () => {
    const word = fc.oneof(fc.constantFrom(...Object.keys(COMMANDS), '--json', '--help', '--', '-x'), fc.string());
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 4 }), async (argv) => {
        await parse(argv, COMMANDS).catch((error: unknown) => expect(error).toMatchObject({ code: 'usage' }));
      }),
      runs(60),
    );
  });
});

describe.each(Object.entries(COMMANDS))('the short way for %s', (name, load) => {
  test('gives what the long way gives', async () => {
    const command = await load();
    const switches = Object.entries(command.options).filter(([, { type }]) => type === 'boolean');
    const lines = [[], ['--json'], ...switches.map(([option]) => [`--${option}`])];
    for (const rest of lines) {
      const short = plainArgs(rest, command);
      const long = await parseCommand([name, ...rest], command);
      if (short === undefined || 'text' in long) throw new Error(`${rest} is not a plain command line`);
      const told = Object.entries({ json: false, ...long.args });
      for (const [option, value] of told) if (option in short) expect([option, short[option]]).toEqual([option, value]);
      expect(told.map(([option]) => option)).toEqual(expect.arrayContaining(definedIn(short)));
    }
  });

  test('leaves to the long way what is more than switches', async () => {
    const command = await load();
    for (const rest of [['now'], ['--none'], ['-j'], ['--json=false'], ['--no-json'], ['--help'], ['--', '--json']])
      expect(plainArgs(rest, command)).toBeUndefined();
  });
});

function definedIn(args: Record<string, unknown>): string[] {
  return Object.keys(args).filter((name) => args[name] !== undefined);
}
