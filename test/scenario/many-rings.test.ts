import { mkdtempSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runElsewhere, source } from '../helpers/other-process.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const RINGS = 100_000;

test('a hundred thousand rings are taken oldest first, a thousand at a time, in less than 150 MiB', () => {
  const folder = mkdtempSync(path.join(tempFolder(), 'rings-'));
  const made = runElsewhere(`
    import fs from 'node:fs';
    for (let n = 0; n < ${RINGS}; n++) {
      const file = ${JSON.stringify(folder)} + '/' + ((n * 7_919) % ${RINGS}) + '-0.json';
      fs.writeFileSync(file, '{"session_id":"sess_' + n + '","cwd":"/home/dev/demo"}');
      fs.utimesSync(file, n, n);
    }`);
  expect(made).toMatchObject({ stderr: '' });
  const { stdout, stderr } = runElsewhere(`
    import v8 from 'node:v8';
    // As the daemon does.
    v8.setFlagsFromString('--semi-space-growth-factor=1');
    v8.setFlagsFromString('--heap-growing-percent=60');
    import { removeRing, waitingRings } from ${source('relay/rings-folder.ts')};
    let taken = 0, sorted = true, largest = 0, most = 0;
    for (const portion of waitingRings(${JSON.stringify(folder)}, new Date())) {
      largest = Math.max(largest, portion.length);
      for (const { name, sessionId } of portion) {
        sorted &&= sessionId === 'sess_' + taken++;
        removeRing(${JSON.stringify(folder)}, name);
      }
      most = Math.max(most, process.memoryUsage.rss());
    }
    process.stdout.write(JSON.stringify({ taken, sorted, largest, most }));`);
  expect(stderr).toBe('');
  const { most, ...rest } = JSON.parse(stdout) as { most: number };
  expect(rest).toEqual({ taken: RINGS, sorted: true, largest: 1_000 });
  expect(most).toBeLessThan(150 * 1024 * 1024);
  expect(readdirSync(folder)).toEqual([]);
});
