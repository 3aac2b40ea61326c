import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { attach } from '../../src/kiro/attach.ts';
import { detach } from '../../src/kiro/detach.ts';
import { mend } from '../../src/kiro/mend.ts';
import { addTrusted, parseAddition, readTrusted, removeTrusted } from '../../src/kiro/trusted-commands.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { kiroHome } from '../helpers/kiro-home.ts';

const COMMAND = '~/.kiro/scripts/capsule-dispatch.sh';
const isOurs = (command: string) => command === COMMAND;
const hooks = { user1x: false, workspace0x: false, workspace1x: false, trust: true, reason: 'test' };

/** What a person or Kiro does to the file, anywhere but in our entry. Each changes a text without our entry alike. */
const edits: Record<string, (text: string) => string> = {
  'a comment on top': (text) => text.replace(/^\uFEFF?/, '$&// mine\n'),
  'a setting at the front': (text) => text.replace('{', '{ "zoom": 2,'),
  'a comment at the end': (text) => `${text}\n/* the end */`,
  'another value': (text) => text.replace('"a": 1', '"a": [1, 2]'),
  'a setting taken out': (text) => text.replace('"zoom": 2,', ''),
  'a key renamed': (text) => text.replace('"a":', '"b":'),
};
/** Kiro's own button to trust a command puts it first in the list; there must be one. */
const trustFirst = (text: string) => text.replace(/("kiroAgent\.trustedCommands": *\[)(?=\s*")/, '$1"npm run x", ');
const actions = ['attach', 'detach', 'mend'] as const;
const step = fc.constantFrom(...actions, ...Object.keys(edits));
const start = fc.constantFrom(
  '{ "a": 1 }',
  '{\n  "a": 1 // one\n}\n',
  '\uFEFF{\r\n\t"a": 1,\r\n\t"kiroAgent.trustedCommands": [\r\n\t\t"npm *", // mine\r\n\t],\r\n}',
  '{ "a": 1, "kiroAgent.trustedCommands": [] }',
  '{ "kiroAgent.trustedCommands": ["x"], "a": 1, "kiroAgent.trustedCommands": ["*"] }',
);
const timesTrusted = (text: string) => readTrusted(text, 'f').commands?.filter(isOurs).length ?? 0;

test('whatever order of attaching, mending, detaching and edits: afterwards the file is what the edits alone would have made it', () => {
  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 6 }), (text, steps) => {
      const { host, paths, settingsFile } = kiroHome(text);
      const read = () => readFileSync(settingsFile, 'utf8');
      let without: string = text;
      for (const name of [...steps, 'attach', 'detach']) {
        if (name === 'attach') {
          attach(host, { paths, hooks, workspaces: [], dispatcher: [] });
          expect(timesTrusted(read())).toBe(1);
        } else if (name === 'mend') {
          mend(host, { paths, hooks, dispatcher: [] });
        } else if (name === 'detach') {
          detach(host);
          expect(read()).toBe(without);
        } else {
          const edit = edits[name] ?? ((it) => it);
          without = edit(without);
          writeFileSync(settingsFile, edit(read()));
        }
        expect(readdirSync(path.dirname(settingsFile))).toEqual(['settings.json']);
      }
    }),
    fuzzRuns(16),
  );
});

function editBoth(name: string, now: string, without: string): [string, string] {
  const edit = name === 'trust' ? trustFirst : (edits[name] ?? ((it: string) => it));
  const [a, b] = [edit(now), edit(without)];
  // Kiro's button is the same edit of both only where both have a list with an entry in it.
  return (a === now) === (b === without) ? [a, b] : [now, without];
}

test('the same for the text alone, with the recorded addition of the last install, and Kiro’s own button among the edits', () => {
  const history = fc.array(fc.constantFrom('install', 'uninstall', 'trust', ...Object.keys(edits)), { maxLength: 10 });
  fc.assert(
    fc.property(start, history, (text, steps) => {
      let [now, without, recorded] = [text as string, text as string, ''];
      for (const name of [...steps, 'install', 'uninstall']) {
        if (name === 'install') {
          const { text: after, added } = addTrusted(now, COMMAND, 'f');
          if (added !== null) recorded = JSON.stringify(added);
          expect(timesTrusted(after)).toBe(1);
          now = after;
        } else if (name === 'uninstall') {
          now = removeTrusted(now, isOurs, 'f', parseAddition(recorded));
          expect(now).toBe(without);
        } else {
          [now, without] = editBoth(name, now, without);
        }
      }
    }),
    fuzzRuns(2),
  );
});
