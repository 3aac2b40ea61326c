import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { countApart, crashRecord } from '../../src/cli/crash-record.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const START = Date.UTC(2026, 8, 3, 12);

describe('the record of starts', () => {
  test('calls for standing by at the sixth start in five minutes of which none came up', () => {
    const file = path.join(tempFolder(), 'starts.json');
    const starts = [0, 10, 20, 30, 40, 50].map((second) =>
      crashRecord(file, () => new Date(START + second * 1000)).start(),
    );
    expect(starts).toEqual([false, false, false, false, false, true]);
  });

  test('counts no start that came up, and none that is more than five minutes old', () => {
    const file = path.join(tempFolder(), 'starts.json');
    for (let n = 0; n < 20; n++) {
      const record = crashRecord(file, () => new Date(START + n * 10_000));
      expect(record.start()).toBe(false);
      if (n % 5 !== 0) record.cameUp();
    }
  });

  test('takes twenty starts at one moment for one', () => {
    const file = path.join(tempFolder(), 'starts.json');
    const starts = Array.from({ length: 20 }, (_, n) => crashRecord(file, () => new Date(START + n)).start());
    expect(starts).not.toContain(true);
  });

  test('counts times a second or more apart, in whatever order', () => {
    expect(countApart([])).toBe(0);
    expect(countApart([3_000, 0, 1_000, 1_500, 2_100])).toBe(3);
  });
});
