import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { deletionAfterEnd, removeProgram } from '../../../src/cli/placing/remove-program.ts';
import { tempFolder, tempHost } from '../../helpers/temp-home.ts';

test('the program goes at once where a running one may be removed, and one that is gone is no trouble', () => {
  const host = tempHost();
  mkdirSync(path.dirname(host.own.program), { recursive: true });
  writeFileSync(host.own.program, '');
  expect(removeProgram(host, tempFolder())).toBeNull();
  expect(existsSync(host.own.program)).toBe(false);
  expect(removeProgram(host, tempFolder())).toBeNull();
});

test('on Windows one that runs is deleted later, by a command line in which no path stands', () => {
  const file = 'C:\\Users\\A & B %x%\\Temp\\capsule-kiro-removed-1.exe';
  const { program, args, env } = deletionAfterEnd({ SystemRoot: 'C:\\Windows' }, file);
  expect(program).toBe('C:\\Windows\\System32\\cmd.exe');
  expect(args.join(' ')).toBe(
    '/d /v:off /s /c ""C:\\Windows\\System32\\ping.exe" -n 30 127.0.0.1 >nul & del /f /q "%CAPSULE_KIRO_REMOVED%""',
  );
  expect(env).toEqual({ CAPSULE_KIRO_REMOVED: file });
});
