import { describe, expect, test } from '@jest/globals';
import type { HookMode } from '../../src/core/settings.ts';
import { chooseHooks } from '../../src/kiro/hooks-to-place.ts';
import type { FoundKiro } from '../../src/kiro/versions.ts';

const kiro = (version: string): FoundKiro => ({
  generation: version.startsWith('0') ? 'ide-0.x' : 'ide-1.x',
  version: version.endsWith('x') ? null : version,
  evidence: '/somewhere',
});
const chosen = (versions: string[], mode: HookMode) => {
  const { user1x, workspace0x, workspace1x, trust } = chooseHooks(versions.map(kiro), mode);
  return Object.entries({ user1x, workspace0x, workspace1x, trust })
    .flatMap(([name, wanted]) => (wanted ? [name] : []))
    .join(' ');
};

describe('hooks are chosen', () => {
  const cases: [versions: string[], mode: HookMode, wanted: string][] = [
    [['0.12.1'], 'auto', 'workspace0x trust'],
    [['1.0.182'], 'auto', 'user1x'],
    [['1.2.4'], 'auto', 'user1x'],
    [['2.0'], 'auto', 'user1x'],
    [['1.0.181'], 'auto', 'user1x workspace1x'],
    [['1.x'], 'auto', 'user1x workspace1x'],
    [['0.11.3', '1.0.411'], 'auto', 'user1x workspace0x trust'],
    [['0.x', '1.x'], 'auto', 'user1x workspace0x workspace1x trust'],
    [['1.0.52', '1.0.411'], 'auto', 'user1x workspace1x'],
    [[], 'auto', 'user1x workspace0x workspace1x trust'],
    [['1.0.411'], 'workspace', 'workspace1x'],
    [['0.12.1'], 'workspace', 'workspace0x trust'],
    [['0.12.1', '1.0.411'], 'user', 'user1x'],
    [['1.0.411'], 'both', 'user1x workspace1x'],
    [['0.12.1'], 'both', 'user1x workspace0x trust'],
    [[], 'both', 'user1x workspace0x workspace1x trust'],
  ];
  for (const [versions, mode, wanted] of cases) {
    test(`for ${versions.join(' and ') || 'no Kiro'} with ${mode}: ${wanted}`, () =>
      expect(chosen(versions, mode)).toBe(wanted));
  }

  test('with a sentence that says why', () => {
    expect(chooseHooks([kiro('0.12.1'), kiro('1.x')], 'auto').reason).toBe(
      'found Kiro 0.12.1 and Kiro 1.x; hooks.mode is auto',
    );
    expect(chooseHooks([], 'both').reason).toBe('no Kiro was found; hooks.mode is both');
  });
});
