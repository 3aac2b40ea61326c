import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { renderDesktopEntry, xdgAutostart } from '../../src/service/xdg-autostart.ts';
import { tempFolder, tempHost } from '../helpers/temp-home.ts';

const PROGRAMS = [
  '/home/dev/.local/share/capsule-kiro/bin/capsule-kiro',
  '/home/with space/capsule-kiro',
  '/home/100% %h %%/capsule-kiro',
  '/home/$HOME `id` "q" \\ back/capsule-kiro',
  '/home/žofie 🦆/capsule-kiro',
];

/** What a desktop runs, by the two rules of the Desktop Entry Specification: first those of values, then those of Exec. */
function execOf(text: string): string[] {
  const value = (/^Exec=(.*)$/m.exec(text)?.[1] ?? '').replace(/\\(.)/g, (_, char) => (char === 's' ? ' ' : char));
  const words = [...value.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)];
  return words.map(([, quoted, bare]) => (quoted?.replace(/\\(["`$\\])/g, '$1') ?? bare ?? '').replaceAll('%%', '%'));
}

const validate = spawnSync('desktop-file-validate', ['--version']).error === undefined ? test : test.skip;

describe('the desktop entry', () => {
  test.each(PROGRAMS)('runs %j and nothing else', (program) => {
    expect(execOf(renderDesktopEntry(program))).toEqual([program, 'run']);
    expect(renderDesktopEntry(program)).not.toContain('{{');
  });

  validate.each(PROGRAMS)(
    'of %j is a valid one (skipped without desktop-file-validate: install desktop-file-utils)',
    (program) => {
      const file = path.join(tempFolder(), 'capsule-kiro.desktop');
      writeFileSync(file, renderDesktopEntry(program));
      const { status, stdout, stderr } = spawnSync('desktop-file-validate', [file], { encoding: 'utf8' });
      expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
    },
  );

  test('is not written for a path with a line break, which would be another entry', async () => {
    const host = tempHost();
    const own = { ...host.own, program: '/home/a\nExec=evil/capsule-kiro' };
    expect(await xdgAutostart.render({ ...host, own })).toEqual({ why: expect.any(String) });
  });

  test('is seen to be switched off in either way in which desktops do that', () => {
    const text = renderDesktopEntry('/x');
    expect(xdgAutostart.switchedOff?.(text)).toBe(false);
    expect(xdgAutostart.switchedOff?.(`${text}Hidden=true\n`)).toBe(true);
    expect(xdgAutostart.switchedOff?.(text.replace('enabled=true', 'enabled=false'))).toBe(true);
  });
});
