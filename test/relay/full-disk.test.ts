/** A disk of a few megabytes that is full: taking in fails, delivering goes on. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import { anEvent } from '../helpers/events.ts';
import { gap, now } from '../helpers/outboxes.ts';
import { tempFolder } from '../helpers/temp-home.ts';

function smallDisk(mebibytes: number): string {
  const folder = path.join(tempFolder(), 'disk');
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]);
  return folder;
}
const mayMount =
  process.platform === 'linux' &&
  spawnSync('sh', ['-c', 'd=$(mktemp -d) && mount -t tmpfs tmpfs "$d" && umount "$d" && rmdir "$d"']).status === 0;

(mayMount ? describe : describe.skip)('a full disk (skipped without the right to mount: run as root)', () => {
  test('takes no events, but lets go of those that were delivered, and takes events again', () => {
    const disk = smallDisk(200);
    const file = path.join(disk, 'agent.db');
    const outbox = openOutbox(file, now);
    try {
      expect(existsSync(`${file}-ballast`)).toBe(true);
      const large = (n: number) => anEvent(n, { body: { text: 'x'.repeat(100_000) } });
      const taken: string[] = [];
      outbox.keepSent(5 * 1024 * 1024);
      writeFileSync(path.join(disk, 'movies'), Buffer.alloc(170 * 1024 * 1024));
      const fill = () => {
        for (let n = 1; n < 1_000; n++) {
          outbox.commit({ events: [large(n)], cursor: { store: 'ide-1.x', session: 'sess_1', value: { n } } });
          taken.push(large(n).id);
        }
      };
      expect(fill).toThrow(/full/);
      expect(outbox.cursor('ide-1.x', 'sess_1')).toEqual({ n: taken.length });
      expect(outbox.counts().events).toBe(taken.length);

      outbox.acknowledge(taken);
      expect(outbox.counts().events).toBe(0);
      outbox.commit({ events: [large(5_000)] });
      expect(outbox.next(10, 1e9).map(({ id }) => id)).toEqual([large(5_000).id]);
      outbox.bound({ maxBytes: 1e9, maxAgeMs: 1e9 }, gap);
    } finally {
      outbox.close();
      execFileSync('umount', [disk]);
    }
  });
});
