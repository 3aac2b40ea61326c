import { describe, expect, test } from '@jest/globals';
import { breaches, importsOf } from './helpers/import-rules.ts';
import { readTree } from './helpers/source-files.ts';

const { dependencies } = JSON.parse([...readTree('package.json').values()][0] ?? '') as {
  dependencies: Record<string, string>;
};

test('everybody imports only what they may', () => {
  expect(breaches(readTree('src/**/*.{ts,tsx}', 'bin/*.ts'), Object.keys(dependencies))).toEqual([]);
});

describe('the rules', () => {
  const inTree = (files: Record<string, string>) =>
    breaches(new Map(Object.entries(files)), ['zod', 'env-paths', '@secretlint/core']);

  test.each([
    ['bin/main.ts', "import { a } from '../src/core/log.ts';", 'bin may import cli, because bin hands'],
    ['src/capture/a.ts', "import { a } from '../relay/outbox.ts';", 'capture may import kiro and core, because'],
    ['src/kiro/a.ts', "import type { A } from '../capture/fact.ts';", 'kiro may import core, because'],
    ['src/relay/a.ts', "export { a } from '../kiro/paths.ts';", 'relay may import core, because'],
    ['src/service/a.ts', "import '../relay/ring.ts';", 'service may import core, because'],
    ['src/portal/a/b.ts', "const a = await import('../../cli/say.ts');", 'portal may import core, because'],
    ['src/relay/a.ts', "import { say } from '../cli/say.ts';", 'relay may import core, because'],
    ['src/core/a.ts', "type A = import('../kiro/paths.ts').A;", 'core may import nothing of src, because'],
    ['src/core/a.ts', "import { z } from 'zod';", 'imports zod: core may use env-paths, because'],
    ['src/kiro/a.ts', "import got from 'got';", 'imports got: it is not among the dependencies'],
    ['src/kiro/a.ts', "import { x } from '@secretlint/types/a';", 'imports @secretlint/types: it is not'],
    ['src/kiro/a.ts', "await import('../cli/'.concat(name));", 'only known when it runs'],
    ['src/kiro/index.ts', '', 'no index files, because'],
    ['src/kiro/utils/a.ts', '', 'no folder is called utils, because'],
    ['src/other/a.ts', "import fs from 'node:fs';", 'src/other is no folder of the house'],
  ])('find what is wrong with %s: %s', (file, text, reason) => {
    expect(inTree({ [file]: text })).toEqual([expect.stringContaining(reason)]);
    expect(inTree({ [file]: text })[0]).toContain(file);
  });

  test('find a ninth file in core', () => {
    const files = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`src/core/${n}.ts`, '']));
    expect(inTree(files)).toEqual([expect.stringContaining('src/core has 9 files')]);
  });

  test('find a portal that comes along with another command, however it gets there', () => {
    const files = {
      'src/cli/portal-run.ts': "import { listen } from '../portal/listen.ts';\nimport './portal-key.ts';",
      'src/cli/portal-key.ts': "import type { Key } from '../portal/tokens.ts';",
      'src/cli/portal.ts': "const { run } = await import('./portal-run.ts');",
      'src/cli/status.ts': "import { key } from './portal-key.ts';",
    };
    expect(inTree(files)).toEqual([
      expect.stringMatching(/^src\/cli\/status\.ts imports src\/cli\/portal-key\.ts at its head: .* because/),
    ]);
  });

  test('let pass what is in the table', () => {
    const files = {
      'bin/main.ts': "import { main } from '../src/cli/main.ts';",
      'src/cli/main.ts':
        "import fs from 'node:fs';\nimport { a } from '../relay/a.ts';\nimport { b } from './demo/b.ts';",
      'src/cli/demo/b.ts': "import { c } from '../../kiro/c.ts';",
      'src/capture/a.ts':
        "import { z } from 'zod';\nimport { c } from '../kiro/c.ts';\nimport { l } from '../core/log.ts';",
      'src/core/host.ts': "import envPaths from 'env-paths';",
      'src/portal/web/app.tsx': "import type { E } from '../../core/event.ts';",
    };
    expect(inTree(files)).toEqual([]);
  });
});

describe('imports', () => {
  test('are found in every form, over several lines, and not in comments', () => {
    const text = `
      /** Not import { a } from './a.ts'; */
      // import './b.ts';
      import c, { type D } from "./c.ts";
      import {
        e,
        f,
      } from './e.ts';
      import type { G } from './g.ts';
      import * as h from 'h';
      export * from './i.ts';
      import './j.ts';
      const k = await import('./k.ts');
      let l: typeof import('./l.ts');
    `;
    const names = (dynamic: boolean) =>
      importsOf(text)
        .filter((each) => each.dynamic === dynamic)
        .map(({ of }) => of);
    expect(names(false)).toEqual(['./c.ts', './e.ts', './g.ts', 'h', './i.ts', './j.ts']);
    expect(names(true)).toEqual(['./k.ts', './l.ts']);
  });
});
