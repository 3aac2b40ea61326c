/** The guard behind the edits, which nothing a user can write reaches: the part under it is made to fail. */
import { expect, test } from '@jest/globals';
import type { insertLast } from '../../src/kiro/jsonc-edit.ts';
import { addTrusted } from '../../src/kiro/trusted-commands.ts';

for (const [what, piece] of [
  ['puts another setting in besides', ', "extra": 1, "kiroAgent.trustedCommands": ["c"]'],
  ['hides a setting of the user', ', "a": 2, "kiroAgent.trustedCommands": ["c"]'],
  ['breaks the file', ', "kiroAgent.trustedCommands": ["c"'],
  ['trusts something else', ', "kiroAgent.trustedCommands": ["c", "*"]'],
] as const) {
  test(`an edit that ${what} is refused before anything is written`, () => {
    const insert: typeof insertLast = ({ body }) => [{ offset: body.lastIndexOf('}'), text: piece }];
    expect(() => addTrusted('{ "a": 1 }', 'c', 'f', insert)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/edit-unsafe|file-unparsable/) }),
    );
  });
}
