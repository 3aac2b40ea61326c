import { expect, test } from '@jest/globals';
import { contentLevelFor } from '../../src/cli/content-level-for.ts';
import type { ContentLevel } from '../../src/core/event.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';

const levelFor = (level: ContentLevel, exclude: string[], workspace: string | null) =>
  contentLevelFor({ ...DEFAULT_SETTINGS, 'content.level': level, 'workspaces.exclude': exclude }, workspace);

test.each([
  ['/home/dev/private', 'off'],
  ['/home/dev/private/', 'off'],
  ['/home/dev/private/deep/inside', 'off'],
  ['/home/dev/private/..hidden', 'off'],
  ['/home/dev/./private', 'off'],
  ['/srv/with space/x', 'off'],
  ['/home/dev/private-not', 'metadata'],
  ['/home/dev/private/../public', 'metadata'],
  ['/home/dev', 'metadata'],
  ['/', 'metadata'],
  [null, 'metadata'],
])('of %s leaves what level %s lets leave', (workspace, level) => {
  expect(levelFor('metadata', ['/home/dev/private', '/srv/with space/'], workspace)).toBe(level);
});

test('everything lies in the root folder', () => {
  expect(levelFor('full', ['/'], '/any/where')).toBe('off');
});

test('an excluded folder stays excluded, whatever the level', () => {
  for (const level of ['full', 'redacted', 'metadata', 'off'] as const)
    expect(levelFor(level, ['/a'], '/a/b')).toBe('off');
});
