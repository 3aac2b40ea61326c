import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { attach } from '../../src/kiro/attach.ts';
import { detach } from '../../src/kiro/detach.ts';
import { readTrusted } from '../../src/kiro/trusted-commands.ts';
import { kiroHome } from '../helpers/kiro-home.ts';

const COMMAND = '~/.kiro/scripts/capsule-dispatch.sh';
const hooks = { user1x: false, workspace0x: false, workspace1x: false, trust: true, reason: 'test' };

/** What a person or Kiro does to the file, anywhere but in our entry. */
const edits: Record<string, (text: string) => string> = {
  'a comment on top': (text) => text.replace(/^\uFEFF?/, '$&// mine\n'),
  'a setting at the front': (text) => text.replace('{', '{ "zoom": 2,'),
  'a comment at the end': (text) => `${text}\n/* the end */`,
  'another value': (text) => text.replace('"a": 1', '"a": [1, 2]'),
};
const step = fc.constantFrom('attach', 'detach', ...Object.keys(edits));
const start = fc.constantFrom(
  '{ "a": 1 }',
  '{\n  "a": 1 // one\n}\n',
  '\uFEFF{\r\n\t"a": 1,\r\n\t"kiroAgent.trustedCommands": [\r\n\t\t"npm *", // mine\r\n\t],\r\n}',
  '{ "a": 1, "kiroAgent.trustedCommands": [] }',
);

test('whatever order of attaching, detaching and edits: afterwards the file is what the edits alone would have made it', () => {
  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 6 }), (text, steps) => {
      const { host, paths, settingsFile } = kiroHome(text);
      const read = () => readFileSync(settingsFile, 'utf8');
      let without: string = text;
      for (const name of [...steps, 'attach', 'detach']) {
        if (name === 'attach') {
          attach(host, { paths, hooks, workspaces: [], dispatcher: [] });
          expect(readTrusted(read(), 'f').commands?.filter((it) => it === COMMAND)).toHaveLength(1);
        } else if (name === 'detach') {
          detach(host);
          expect(read()).toBe(without);
        } else {
          const edit = edits[name] ?? ((it) => it);
          without = edit(without);
          writeFileSync(settingsFile, edit(read()));
        }
      }
    }),
    { numRuns: 40 },
  );
});
