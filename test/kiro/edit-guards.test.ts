/** The guard behind the edits, which nothing a user can write reaches: the part under it is made to fail. */
import { afterEach, expect, jest, test } from '@jest/globals';
import type * as JsoncEdit from '../../src/kiro/jsonc-edit.ts';

afterEach(() => {
  jest.resetModules();
});

for (const [what, piece] of [
  ['puts another setting in besides', ', "extra": 1, "kiroAgent.trustedCommands": ["c"]'],
  ['hides a setting of the user', ', "a": 2, "kiroAgent.trustedCommands": ["c"]'],
  ['breaks the file', ', "kiroAgent.trustedCommands": ["c"'],
  ['trusts something else', ', "kiroAgent.trustedCommands": ["c", "*"]'],
] as const) {
  test(`an edit that ${what} is refused before anything is written`, async () => {
    const real = await import('../../src/kiro/jsonc-edit.ts');
    const insertLast: typeof JsoncEdit.insertLast = ({ body }) => [{ offset: body.lastIndexOf('}'), text: piece }];
    jest.unstable_mockModule('../../src/kiro/jsonc-edit.ts', () => ({ ...real, insertLast }));
    const { addTrusted } = await import('../../src/kiro/trusted-commands.ts');
    expect(() => addTrusted('{ "a": 1 }', 'c', 'f')).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/edit-unsafe|file-unparsable/) }),
    );
  });
}
