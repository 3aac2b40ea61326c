/** Outboxes in temporary folders, at times that the test sets. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from '@jest/globals';
import { openDatabase } from '../../src/core/database.ts';
import type { CapsuleEvent, EventOf } from '../../src/core/event.ts';
import type { Loss } from '../../src/relay/losses.ts';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import type { Outbox } from '../../src/relay/outbox.ts';
import { OUTBOX_TABLES } from '../../src/relay/outbox-tables.ts';
import { anEvent } from './events.ts';
import { madeOnce } from './made-once.ts';
import { tempFolder } from './temp-home.ts';

const opened: Outbox[] = [];
afterEach(closeAll);

function closeAll(): void {
  for (const outbox of opened.splice(0)) outbox.close();
}

/** `wall` is what a user can set, `monotonic` what nobody can. */
export const clock = { wall: Date.UTC(2026, 8, 3, 12), monotonic: 0 };

/** Time goes by while the daemon runs. */
export function later(ms: number): void {
  clock.wall += ms;
  clock.monotonic += ms;
}

export const now = (): Date => new Date(clock.wall);

export const outboxFile = (): string => path.join(tempFolder(), 'agent.db');

/** The file of an outbox in which nothing is yet. */
const newOutbox = (): Uint8Array =>
  madeOnce('outbox', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'capsule-test-outbox-'));
    const file = path.join(folder, 'agent.db');
    openDatabase(file, { migrations: OUTBOX_TABLES }).close();
    const bytes = readFileSync(file);
    rmSync(folder, { recursive: true });
    return bytes;
  });

export function open(file: string): Outbox {
  if (!existsSync(file) && existsSync(path.dirname(file))) writeFileSync(file, newOutbox(), { mode: 0o600 });
  const outbox = openOutbox(file, now, () => clock.monotonic);
  opened.push(outbox);
  return outbox;
}

/** As a new start of the daemon does. */
export function reopen(file: string): Outbox {
  closeAll();
  return open(file);
}

export const waiting = (outbox: Outbox): CapsuleEvent[] =>
  outbox.next(100_000, 1e9).map(({ json }) => JSON.parse(json) as CapsuleEvent);

export const ordinals = (outbox: Outbox): number[] => waiting(outbox).map(({ source }) => source.ordinal);

/** What stands for a loss, simpler than the daemon's. */
export const gap = (loss: Loss): EventOf<'capture.gap'> =>
  anEvent(900 + loss.ids.length, {
    id: `gap ${loss.session.id} ${loss.ids[0]}`,
    kind: 'capture.gap',
    session: loss.session,
    body: { count: loss.ids.length, firstTime: loss.firstTime, lastTime: loss.lastTime, reason: loss.reason },
  }) as EventOf<'capture.gap'>;
