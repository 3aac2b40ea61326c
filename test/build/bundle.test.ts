import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { bundle } from '../../build/bundle.ts';
import { tempFolder } from '../helpers/temp-home.ts';

test('a package that is loaded when it is needed answers its exports by name, as it does in a checkout', async () => {
  const folder = tempFolder();
  const rest = path.join(folder, 'rest');
  await bundle(path.join(folder, 'start.js'), rest);
  // YAML is one of CommonJS, and reads the built-in policies.
  const asking = readdirSync(rest).map((name) => readFileSync(path.join(rest, name), 'utf8'));
  const part = asking.map((text) => /\{parse\}=await [^;]*?require\("(\.\/[^"]+)"\)/.exec(text)?.[1]).find(Boolean);
  const load = createRequire(path.join(rest, 'any.cjs'));
  const yaml = load(part ?? 'no part asks for it') as Record<string, unknown>;
  expect([typeof yaml.parse, yaml.default]).toEqual(['function', expect.objectContaining({ parse: yaml.parse })]);
}, 60_000);
