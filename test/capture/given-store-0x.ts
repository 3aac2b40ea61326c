import { cpSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CaptureContext } from '../../src/capture/capture-context.ts';
import type { Cursor, CursorStore, SessionSource, SourceRead, SweepHint } from '../../src/capture/session-source.ts';
import { source0x } from '../../src/capture/source-0x.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import type { Host } from '../../src/core/host.ts';
import { agentStorage, hashName } from '../../src/kiro/places-0x.ts';
import { tempHost } from '../helpers/temp-home.ts';
import { givenContext } from './given-session.ts';

export const FIXTURES_0X = path.join(import.meta.dirname, '..', 'fixtures', 'kiro-0.x');
export const WORKSPACE = '/home/dev/demo-app';

/** Long before the test's now: a file that Kiro is not writing any more. */
const LONG_AGO = new Date('2026-09-01T00:00:00.000Z');

export interface GivenStore {
  host: Host;
  source: SessionSource;
  userData: string;
  /** Where Kiro keeps the executions of `WORKSPACE`. */
  saves: string;
  /** Writes one execution whole, as Kiro does; `changed` is when. */
  write(execution: object & { executionId: string }, changed?: Date): string;
  writeIndex(executions: readonly object[]): void;
  writeSession(sessionId: string, file: object): void;
  /** Writes any file as JSON, as it was long ago. */
  writeRaw(file: string, value: object): void;
  /** Everything that is new to the cursors, which move on. */
  sweep(hint?: SweepHint, context?: CaptureContext): Promise<Swept>;
  cursors: CursorStore & { set(key: string, cursor: object): void };
}

export interface Swept {
  events: CapsuleEvent[];
  reads: SourceRead[];
  openTurn: SourceRead['openTurn'];
  skipped: number;
  unknown: Record<string, number>;
}

/** A store of Kiro 0.x in a temporary home; with `fixture` the invented one that holds every action. */
export function givenStore(fixture = false, given: Partial<Host> = {}): GivenStore {
  const host = tempHost(given);
  const userData = path.join(host.home, '.config', 'Kiro');
  const storage = agentStorage(userData);
  const folder = path.join(storage, hashName(WORKSPACE));
  const saves = path.join(folder, hashName('KIRO::EXECUTION::SAVES'));
  const sessions = path.join(storage, 'workspace-sessions', 'L2hvbWUvZGV2L2RlbW8tYXBw');
  mkdirSync(saves, { recursive: true });
  mkdirSync(sessions, { recursive: true });
  if (fixture) {
    cpSync(path.join(FIXTURES_0X, 'synthetic', 'kiro.kiroagent'), storage, { recursive: true });
    for (const name of ['38e7bba5ce8dbd5ad23a0f73921e3c63', '77894ff81fa058489aed39efed3dcde2'])
      utimesSync(path.join(saves, name), LONG_AGO, LONG_AGO);
    utimesSync(path.join(saves, 'b17716220e331d68284f2bd827b8618e'), LONG_AGO, LONG_AGO);
    utimesSync(path.join(folder, 'c49fea7425fa7f8699897a97c159c669.chat'), LONG_AGO, LONG_AGO);
  }
  const kept = new Map<string, string>();
  const cursors = {
    get: (_: string, key: string): Cursor => JSON.parse(kept.get(key) ?? 'null') as Cursor,
    set: (key: string, cursor: object) => void kept.set(key, JSON.stringify(cursor)),
  };
  const source = source0x(host, () => [userData]);
  return {
    host,
    source,
    userData,
    saves,
    cursors,
    write(execution, changed = host.now()) {
      const file = path.join(saves, hashName(execution.executionId));
      writeFileSync(file, JSON.stringify(execution));
      utimesSync(file, changed, changed);
      return file;
    },
    writeIndex: (executions) =>
      writeFileSync(path.join(folder, hashName('KIRO::EXECUTION::METADATA')), JSON.stringify({ executions })),
    writeSession: (sessionId, file) => writeFileSync(path.join(sessions, `${sessionId}.json`), JSON.stringify(file)),
    writeRaw(file, value) {
      writeFileSync(file, JSON.stringify(value));
      utimesSync(file, LONG_AGO, LONG_AGO);
    },
    async sweep(hint = {}, context = givenContext()) {
      const reads: SourceRead[] = [];
      for await (const { sessionId, read } of source.sweep(cursors, context, hint)) {
        cursors.set(sessionId, read.cursor);
        reads.push(read);
      }
      const unknown: Record<string, number> = {};
      for (const read of reads)
        for (const [name, count] of Object.entries(read.unknown)) unknown[name] = (unknown[name] ?? 0) + count;
      return {
        events: reads.flatMap(({ events }) => events),
        reads,
        openTurn: reads.at(-1)?.openTurn ?? null,
        skipped: reads.reduce((sum, { skippedLines }) => sum + skippedLines, 0),
        unknown,
      };
    },
  };
}

/** The invented execution with every type of action. */
export function everyAction(): { executionId: string; actions: { actionId: string }[] } & Record<string, unknown> {
  const file = path.join(
    FIXTURES_0X,
    'synthetic/kiro.kiroagent/4f15e4aa9286a8f37647f6fc7ce7ce27/414d1636299d2b9e4ce7e17fb11f63e9/849d564b958ce45cd11778c7b0fbdd96',
  );
  return JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof everyAction>;
}

/** Takes the mark of a migrated chat away. */
export function unmark(store: GivenStore): void {
  const folder = path.join(agentStorage(store.userData), 'workspace-sessions', 'L2hvbWUvZGV2L2RlbW8tYXBw');
  rmSync(path.join(folder, '._migration-11111111-1111-4111-8111-111111111111.json'), { force: true });
}
