import type { Host } from '../core/host.ts';
import { createFileMemory } from '../kiro/file-memory.ts';
import { hashName, type WorkspaceFolder } from '../kiro/places-0x.ts';
import { type OnRefused, unlessRefused, untilRefused } from '../kiro/refused.ts';
import { findWorkspaceFolders } from '../kiro/workspace-folders-0x.ts';
import { fillingLedger, freshLedger, knownLedger, type Ledger } from './ledger-0x.ts';
import { logRefused } from './log-refused.ts';
import { baselineLedger, reading, readWorkspace } from './read-workspace-0x.ts';
import type { Cursor, SessionSource } from './session-source.ts';

/**
 * The chats of Kiro IDE 0.x in these user-data folders, which are asked for each time, because settings may move them. What is
 * read from a cursor, and so called a session here, is a workspace with all its chats (see `Ledger`).
 */
export function source0x(host: Host, userDataDirs: () => readonly string[]): SessionSource {
  const memory = createFileMemory();
  const findPlaces = (refused: OnRefused) => findWorkspaceFolders(userDataDirs(), memory, refused);
  return {
    store: 'ide-0.x',
    async *sweep(cursors, context, hint = {}) {
      const refusals: unknown[] = [];
      const refused: OnRefused = (error) => refusals.push(error);
      const places = await findPlaces(refused);
      memory.prune();
      const hinted = places.filter((place) => isAt(place, hint.cwd));
      for (const place of [...hinted, ...places.filter((place) => !hinted.includes(place))]) {
        const cursor = own(cursors.get('ide-0.x', place.key));
        let grown = false;
        for await (const read of untilRefused(readWorkspace(host, place, cursor, context), refused)) {
          grown = true;
          yield { sessionId: place.key, read };
        }
        // A ring came for it: what runs there is about to end although nothing tells so yet.
        if (grown || !hinted.includes(place) || cursor === null) continue;
        const read = reading(host, cursor, false);
        if (read.openTurn !== null) yield { sessionId: place.key, read };
      }
      if (refusals.length > 0) throw refusals[0];
    },
    async read(key, cursor, context) {
      const places = await findPlaces(logRefused(host));
      const place = places.find((each) => each.key === key);
      if (place === undefined) return undefined;
      for await (const read of readWorkspace(host, place, own(cursor), context)) return read;
      return reading(host, own(cursor) ?? freshLedger(), false);
    },
    // Nothing is held back: what an execution holds is told when it is final, whether or not the rest comes.
    async finish() {
      return undefined;
    },
    backfill(live, since) {
      const cursor = own(live);
      return cursor === null ? null : fillingLedger(cursor, Date.parse(since));
    },
    async *baseline() {
      for (const place of await findPlaces(logRefused(host))) {
        const cursor = await unlessRefused(() => baselineLedger(host, place), null, logRefused(host));
        if (cursor !== null) yield { sessionId: place.key, cursor };
      }
    },
  };
}

/** Kiro writes a Windows drive in lower case, a shell perhaps not. */
function isAt({ id }: WorkspaceFolder, cwd: string | undefined): boolean {
  if (cwd === undefined) return false;
  return id === hashName(cwd) || id === hashName(cwd.slice(0, 1).toLowerCase() + cwd.slice(1));
}

/** A cursor comes back from our own database as this source gave it, or an earlier build. */
function own(cursor: Cursor): Ledger | null {
  return cursor === null ? null : knownLedger(cursor);
}
