import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { planReplacement, planReturn } from '../../../src/cli/placing/plan-replacement.ts';
import { freshProgram, replaceProgram, tidyPrograms } from '../../../src/cli/placing/replace-program.ts';
import { ownPathsIn } from '../../../src/core/host.ts';
import { tempFolder } from '../../helpers/temp-home.ts';

const PLACES = { program: 'p', fresh: 'new', kept: 'old' };

describe('the plan', () => {
  test('covers a running program by one rename, and keeps a second name of it', () => {
    expect(planReplacement('linux', PLACES, true)).toEqual([
      { do: 'again', from: 'p', to: 'old' },
      { do: 'rename', from: 'new', to: 'p' },
    ]);
    expect(planReturn('darwin', PLACES)).toEqual([{ do: 'rename', from: 'old', to: 'p' }]);
  });

  test('moves a running program of Windows aside first, which is all that its lock allows', () => {
    expect(planReplacement('win32', PLACES, true)).toEqual([
      { do: 'rename', from: 'p', to: 'old' },
      { do: 'rename', from: 'new', to: 'p' },
    ]);
    expect(planReturn('win32', PLACES)).toEqual([
      { do: 'rename', from: 'p', to: 'new' },
      { do: 'rename', from: 'old', to: 'p' },
    ]);
  });

  test.each(['linux', 'darwin', 'win32'] as const)('has nothing to keep where nothing was, on %s', (platform) => {
    expect(planReplacement(platform, PLACES, false)).toEqual([{ do: 'rename', from: 'new', to: 'p' }]);
  });
});

describe.each(['linux', 'win32'] as const)('done on %s', (platform) => {
  const given = () => {
    const own = ownPathsIn(tempFolder(), platform);
    mkdirSync(path.dirname(own.program));
    writeFileSync(own.program, 'before');
    const fresh = freshProgram(own);
    writeFileSync(fresh, 'after');
    const names = () => readdirSync(path.dirname(own.program));
    return { own, platform, fresh, names, text: () => readFileSync(own.program, 'utf8') };
  };

  test('it can be undone, and leaves nothing beside the program either way', () => {
    const back = given();
    const replacement = replaceProgram(back, back.fresh);
    expect([back.text(), back.names()]).toEqual(['after', expect.arrayContaining([expect.stringMatching(/^old-/)])]);
    replacement.goBack();
    expect([back.text(), back.names()]).toEqual(['before', [path.basename(back.own.program)]]);
    const forth = given();
    replaceProgram(forth, forth.fresh).forget();
    expect([forth.text(), forth.names()]).toEqual(['after', [path.basename(forth.own.program)]]);
  });

  test('it leaves everything as it was when a step fails', () => {
    const host = given();
    expect(() => replaceProgram(host, `${host.fresh}-gone`)).toThrow(
      expect.objectContaining({ code: 'file-unwritable' }),
    );
    expect([host.text(), host.names().some((name) => name.startsWith('old-'))]).toEqual(['before', false]);
  });

  test('what is left of it goes: what was replaced at once, what never took its place after a day', () => {
    const host = given();
    replaceProgram(host, host.fresh);
    const yesterday = freshProgram(host.own);
    const today = freshProgram(host.own);
    const others = path.join(path.dirname(host.own.program), 'old-notes');
    for (const file of [yesterday, today, others]) writeFileSync(file, '');
    const now = new Date();
    const before = now.getTime() / 1000 - 25 * 3600;
    utimesSync(yesterday, before, before);
    tidyPrograms(host.own, now);
    expect(host.names().toSorted()).toEqual(
      [host.own.program, today, others].map((file) => path.basename(file)).toSorted(),
    );
    expect(existsSync(yesterday)).toBe(false);
  });
});
