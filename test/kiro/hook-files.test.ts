import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dispatcherCommand, isDispatcherCommand } from '../../src/kiro/dispatcher-command.ts';
import { hookText0x, isOurs0x } from '../../src/kiro/hook-file-0x.ts';
import { findOurs1x, hookText1x, isOurs1x, isOursAlone1x, withoutOurs1x } from '../../src/kiro/hook-file-1x.ts';

const ENV = '~/.kiro/scripts/capsule-dispatch.sh';

describe('the command', () => {
  test('is the same plain text for every user in the 0.x form', () => {
    expect(dispatcherCommand('linux', 'env')).toBe(ENV);
    expect(dispatcherCommand('darwin', 'env')).toBe(ENV);
    expect(dispatcherCommand('win32', 'env')).toBe('"%APPDATA%\\Kiro\\scripts\\capsule-dispatch.cmd"');
  });

  test('is silent and always ends well in the 1.x form', () => {
    expect(dispatcherCommand('linux', 'stdin')).toBe(`${ENV} stdin >/dev/null 2>&1 || true`);
    expect(dispatcherCommand('win32', 'stdin')).toBe(
      '"%APPDATA%\\Kiro\\scripts\\capsule-dispatch.cmd" stdin >nul 2>&1 || exit /b 0',
    );
  });

  const ours = ['linux', 'win32'].flatMap((it) => [
    dispatcherCommand(it as 'linux', 'env'),
    dispatcherCommand(it as 'linux', 'stdin'),
  ]);
  for (const command of [
    ...ours,
    'sh /home/a b/.kiro/scripts/capsule-dispatch.sh',
    "'/x/capsule-dispatch.sh' y",
    'powershell -File C:\\x\\capsule-dispatch.ps1',
  ]) {
    test(`is known as ours: ${command}`, () => expect(isDispatcherCommand(command)).toBe(true));
  }
  for (const command of [
    '',
    'capsule-dispatch',
    'my-capsule-dispatch.sh',
    'capsule-dispatch.sh.bak',
    'echo capsule-dispatch.shell',
  ]) {
    test(`is not taken for ours: ${command}`, () => expect(isDispatcherCommand(command)).toBe(false));
  }
});

describe('our hook file', () => {
  test('for 0.x is what that Kiro reads', () => {
    expect(JSON.parse(hookText0x(ENV))).toEqual({
      version: '1.0.0',
      enabled: true,
      name: 'capsule-stop',
      description: expect.stringContaining('capsule-kiro uninstall'),
      when: { type: 'agentStop' },
      // biome-ignore lint/suspicious/noThenProperty: Kiro's format calls it so.
      then: { type: 'runCommand', command: ENV, timeout: 10 },
    });
  });

  test('for 1.x is what that Kiro reads, with a limit and without a matcher', () => {
    const command = dispatcherCommand('win32', 'stdin');
    expect(JSON.parse(hookText1x(command))).toEqual({
      version: 'v1',
      hooks: [
        {
          name: 'capsule-stop',
          description: expect.stringContaining('capsule-kiro uninstall'),
          trigger: 'Stop',
          action: { type: 'command', command },
          timeout: 10,
          enabled: true,
        },
      ],
    });
  });

  test('is known again, also when its user edited it, and also as Kiro upgraded it', () => {
    expect(isOurs0x(hookText0x(ENV))).toBe(true);
    expect(isOurs0x(`// mine\n${hookText0x(ENV).replace('10', '30')}`)).toBe(true);
    expect(isOursAlone1x(hookText1x(dispatcherCommand('linux', 'stdin')))).toBe(true);
    const upgraded = {
      version: 'v1',
      hooks: [{ name: 'capsule-stop', trigger: 'Stop', action: { type: 'command', command: ENV } }],
    };
    expect(isOursAlone1x(JSON.stringify(upgraded))).toBe(true);
  });

  test("is not confused with the other format, another's hook, or no hook at all", () => {
    for (const text of [
      '',
      '{',
      '[]',
      '{"then": {}}',
      '{"hooks": 1}',
      '{"version": "v1", "hooks": [7]}',
      hookText0x('say hi'),
      hookText1x('say hi'),
    ]) {
      expect([isOurs0x(text), isOurs1x(text), isOursAlone1x(text)]).toEqual([false, false, false]);
    }
    expect([isOurs1x(hookText0x(ENV)), isOurs0x(hookText1x(ENV))]).toEqual([false, false]);
  });

  test('carries any command unharmed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (command) => {
        expect(JSON.parse(hookText1x(command)).hooks[0].action.command).toBe(command);
      }),
    );
  });
});

describe('taking our hook out of a file with others', () => {
  const hook = (name: string, command: string) =>
    `{"name": "${name}", "trigger": "Stop", "action": {"type": "command", "command": "${command}"}}`;

  test('keeps the others, and everything around them, as they were', () => {
    const file = (hooks: string) => `{ // mine\n  "version": "v1",\n  "hooks": [\n${hooks}\n  ]\n}\n`;
    const text = file(`    ${hook('a', 'x')}, // first\n    ${hook('ours', ENV)},\n    ${hook('b', 'y')}`);
    expect(findOurs1x(text)).toEqual({ ours: [1], others: 2 });
    expect(withoutOurs1x(text, 'f')).toBe(file(`    ${hook('a', 'x')}, // first\n    ${hook('b', 'y')}`));
  });

  test('takes out every one of ours', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 6 }), (ours) => {
        const hooks = ours.map((mine, index) => hook(`h${index}`, mine ? ENV : 'say hi'));
        const rest = withoutOurs1x(`{"version": "v1", "hooks": [${hooks.join(', ')}]}`, 'f');
        expect(findOurs1x(rest)).toEqual({ ours: [], others: ours.filter((mine) => !mine).length });
      }),
    );
  });
});
