/** Writes the checks of `diagnose` into the README: `npx node build/readme-checks.ts`. A test compares the two. */
import { readFileSync, writeFileSync } from 'node:fs';
import { CHECKS } from '../src/cli/diagnose/checks.ts';
import { troubleshootingTable } from '../src/cli/diagnose/list-checks.ts';

const README = new URL('../README.md', import.meta.url);
const TABLE = /^\| check \|.*\n(?:\|.*\n)+/m;

const before = readFileSync(README, 'utf8');
if (!TABLE.test(before)) throw new Error('the README has no table of checks');
writeFileSync(
  README,
  before.replace(TABLE, () => `${troubleshootingTable(CHECKS)}\n`),
);
