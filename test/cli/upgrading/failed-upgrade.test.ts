import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import {
  failedUpgradeFile,
  hasFailed,
  noteFailedUpgrade,
  readFailedUpgrade,
} from '../../../src/cli/upgrading/failed-upgrade.ts';
import { tempHost } from '../../helpers/temp-home.ts';

const SHA256 = 'a'.repeat(64);

test('what did not work here is known by its checksum, with its version and why', () => {
  const { own } = tempHost();
  expect([hasFailed(own, SHA256), readFailedUpgrade(own)]).toEqual([false, undefined]);
  noteFailedUpgrade(own, { sha256: SHA256, version: '0.2.0', why: 'it does not answer' });
  expect(readFailedUpgrade(own)).toEqual({ sha256: SHA256, version: '0.2.0', why: 'it does not answer' });
  expect([hasFailed(own, SHA256), hasFailed(own, 'b'.repeat(64))]).toEqual([true, false]);
});

test('a note of an older version, which has the checksum alone, is understood', () => {
  const { own } = tempHost();
  mkdirSync(own.home, { recursive: true });
  writeFileSync(failedUpgradeFile(own), JSON.stringify({ sha256: SHA256 }));
  expect([hasFailed(own, SHA256), readFailedUpgrade(own)]).toEqual([true, { sha256: SHA256 }]);
});

test('a note that somebody broke, or that cannot be read, says nothing', () => {
  const { own } = tempHost();
  mkdirSync(own.home, { recursive: true });
  for (const text of ['{', 'null', '[]', '{"sha256":7}', '']) {
    writeFileSync(failedUpgradeFile(own), text);
    expect(readFailedUpgrade(own)).toBeUndefined();
  }
  rmSync(failedUpgradeFile(own));
  mkdirSync(failedUpgradeFile(own));
  expect(readFailedUpgrade(own)).toBeUndefined();
});
