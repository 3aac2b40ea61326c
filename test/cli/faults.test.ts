import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runElsewhere, source } from '../helpers/other-process.ts';
import { tempFolder } from '../helpers/temp-home.ts';

test.each([
  ['an error that nobody catches', "throw Object.assign(new TypeError('the prompt was: secret'), { code: 'E_X' })"],
  ['a promise that nobody awaits', "Promise.reject(new TypeError('the prompt was: secret'))"],
])('%s ends the process with 1, in the log without its message, and counted', (_, act) => {
  const folder = tempFolder();
  const at = (name: string) => JSON.stringify(path.join(folder, name));
  const { exitCode, stderr } = runElsewhere(`
    import { endOnFaults } from ${source('cli/faults.ts')};
    import { crashRecord } from ${source('cli/crash-record.ts')};
    import { fileLog } from ${source('core/log.ts')};
    const now = () => new Date('2026-09-03T12:00:00.000Z');
    const log = fileLog(${at('log')}, now);
    endOnFaults({ log }, crashRecord(${at('starts.json')}, now));
    setTimeout(() => { ${act} }, 1);
    setInterval(() => {}, 60_000);
  `);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  const log = readFileSync(path.join(folder, 'log'), 'utf8');
  expect(JSON.parse(log)).toMatchObject({ level: 'error', name: 'TypeError', at: expect.stringMatching(/^at /) });
  expect(log).not.toContain('secret');
  expect(JSON.parse(readFileSync(path.join(folder, 'starts.json'), 'utf8'))).toHaveLength(1);
});
