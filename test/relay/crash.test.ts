import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import { anEvent } from '../helpers/events.ts';
import { now, open, ordinals, outboxFile } from '../helpers/outboxes.ts';
import { tempFolder } from '../helpers/temp-home.ts';

describe('a crash', () => {
  test('takes events and the cursor behind them together or not at all', () => {
    const outbox = open(outboxFile());
    outbox.commit({ events: [anEvent(1)], cursor: { store: 'ide-1.x', session: 'sess_1', value: { offset: 1 } } });
    const broken = {
      ...anEvent(2),
      toJSON: () => {
        throw new Error('power failed');
      },
    };
    expect(() =>
      outbox.commit({
        events: [anEvent(3), broken],
        cursor: { store: 'ide-1.x', session: 'sess_1', value: { offset: 2 } },
      }),
    ).toThrow('power failed');
    expect(ordinals(outbox)).toEqual([1]);
    expect(outbox.counts().events).toBe(1);
    expect(outbox.cursor('ide-1.x', 'sess_1')).toEqual({ offset: 1 });
  });

  test('leaves on disk what was committed: the files alone, without a closing, hold it', () => {
    const file = outboxFile();
    const outbox = open(file);
    outbox.commit({ events: [anEvent(1), anEvent(2)] });
    outbox.acknowledge([anEvent(1).id]);
    const copy = path.join(tempFolder(), 'agent.db');
    for (const name of readdirSync(path.dirname(file)))
      cpSync(path.join(path.dirname(file), name), path.join(path.dirname(copy), name));
    expect(ordinals(open(copy))).toEqual([2]);
  });
});

describe('an outbox whose file', () => {
  test.each<[string, (file: string) => void]>([
    ['was removed with its folder', (file) => rmSync(path.dirname(file), { recursive: true })],
    [
      'was replaced by another',
      (file) => {
        renameSync(file, `${file}-old`);
        openOutbox(file, now).close();
      },
    ],
  ])('%s says that it is broken, and a new one can be opened in its place', async (_, harm) => {
    const file = outboxFile();
    const outbox = openOutbox(file, now);
    outbox.checkPlace();
    harm(file);
    outbox.checkPlace();
    expect(await outbox.broken).toMatch(/removed or replaced/);
    outbox.close();
    mkdirSync(path.dirname(file), { recursive: true });
    const again = open(file);
    again.commit({ events: [anEvent(1)] });
    expect(ordinals(again)).toEqual([1]);
  });
});
