import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { billOfMaterials, type Locked } from '../../build/bill-of-materials.ts';
import { bundle, packagesIn } from '../../build/bundle.ts';
import { TOP } from '../../build/places.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const lock = JSON.parse(readFileSync(path.join(TOP, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};
const node = { package: 'node-x', version: '2.0.0', file: 'bin/node', integrity: 'sha512-aGFzaA==' } as const;

const rules = { project: 'gitleaks', version: '8.0.0', sha256: 'abc' };

describe('every package that is in the program or its page', () => {
  let inside: { name: string; version: string }[] = [];
  beforeAll(async () => {
    const folder = tempFolder();
    const program = await bundle(path.join(folder, 'start.js'), path.join(folder, 'rest'));
    const { metafile } = await build({
      absWorkingDir: TOP,
      entryPoints: ['src/portal/web/main.tsx', 'src/portal/web/page.css'],
      outdir: folder,
      bundle: true,
      splitting: true,
      format: 'esm',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      write: false,
      metafile: true,
    });
    const places = new Set([...program, ...packagesIn(metafile)]);
    inside = [...places].map((where) => ({
      name: where.replace(/^.*node_modules\//, ''),
      version: lock.packages[where]?.version ?? 'not in the lock file',
    }));
  }, 60_000);

  test('is on the list of contents', () => {
    const listed = new Set(billOfMaterials(lock, [node], rules).components.map((one) => one['bom-ref']));
    expect(inside.map(({ name }) => name)).toEqual(expect.arrayContaining(['got', 'pg', 'pg-types', 'yaml', 'preact']));
    expect(inside.map(({ name, version }) => `${name}@${version}`).filter((each) => !listed.has(each))).toEqual([]);
  });

  test('has its licence among those that `licenses` prints', () => {
    const file = path.join(tempFolder(), 'licenses.txt');
    execFileSync(process.execPath, [path.join(TOP, 'build', 'licenses.js'), path.join(TOP, 'LICENSE'), file]);
    const heads = new Set(
      readFileSync(file, 'utf8')
        .match(/^={80}\n[^\n]+$/gm)
        ?.map((head) => head.slice(81)),
    );
    const headed = [...heads].map((head) => head.replace(/ \(.*$/, ''));
    expect(inside.map(({ name, version }) => `${name} ${version}`).filter((each) => !headed.includes(each))).toEqual(
      [],
    );
  });
});

describe('the list of contents', () => {
  const packages = {
    '': { name: 'capsule-kiro', version: '1.0.0', license: 'Apache-2.0', dependencies: { a: '1', 'node-x': '1' } },
    'node_modules/node-x': { version: '1.0.0' },
    'node_modules/a': { version: '1.0.0', license: '(MIT OR CC0-1.0)', dependencies: { '@s/b': '2', none: '1' } },
    'node_modules/a/node_modules/@s/b': { version: '2.0.0', license: 'MIT', optionalDependencies: { c: '1' } },
    'node_modules/@s/b': { version: '1.0.0', dev: true },
    'node_modules/c': { version: '1.0.0', integrity: 'sha512-aGFzaA==' },
  };
  const bill = billOfMaterials({ packages }, [node, node], rules);

  test('holds what a run needs, the rules for secrets and the Nodes that are sealed, each once, and nothing of development', () => {
    expect(bill.components.map((one) => one['bom-ref'])).toEqual([
      '@s/b@2.0.0',
      'a@1.0.0',
      'c@1.0.0',
      'gitleaks@8.0.0',
      'node-x@2.0.0',
    ]);
    const hashes = [{ alg: 'SHA-512', content: Buffer.from('hash').toString('hex') }];
    expect(bill.components.slice(2)).toMatchObject([
      { hashes },
      { type: 'data', hashes: [{ alg: 'SHA-256', content: 'abc' }] },
      { hashes, type: 'platform' },
    ]);
    expect(bill.components.slice(0, 2)).toMatchObject([
      { purl: 'pkg:npm/%40s/b@2.0.0', licenses: [{ license: { id: 'MIT' } }] },
      { licenses: [{ expression: '(MIT OR CC0-1.0)' }] },
    ]);
  });

  test('says who needs what, as Node would find it', () => {
    expect(bill.dependencies).toEqual([
      { ref: 'capsule-kiro@1.0.0', dependsOn: ['a@1.0.0'] },
      { ref: 'a@1.0.0', dependsOn: ['@s/b@2.0.0'] },
      { ref: '@s/b@2.0.0', dependsOn: ['c@1.0.0'] },
      { ref: 'c@1.0.0', dependsOn: [] },
    ]);
  });
});
