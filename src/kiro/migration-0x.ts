import path from 'node:path';
import * as z from 'zod';
import { field, id, moment, parseBy } from './fields-0x.ts';
import { agentStorage, folderNames } from './places-0x.ts';
import { readWhole } from './whole-file-0x.ts';

const Marker = z.object({ migratedAt: field(moment), v2SessionId: field(id) });
/** Two spellings are reported (kiro/README Z7). */
const NAMES = (sessionId: string) => [`._migration-${sessionId}.json`, `.migrated-${sessionId}.json`];

/**
 * When a chat of Kiro 0.x was moved to 1.x, in ms; null when it was not. A migrated chat keeps its id, so this answers for
 * both stores' sessions. A marker that does not say when counts from when it was written.
 */
export async function migratedAt(userDataDirs: readonly string[], sessionId: string): Promise<number | null> {
  for (const userDataDir of userDataDirs) {
    const sessions = path.join(agentStorage(userDataDir), 'workspace-sessions');
    for (const name of await folderNames(sessions)) {
      const when = await markedAt(path.join(sessions, name), sessionId);
      if (when !== null) return when;
    }
  }
  return null;
}

/** The same, looked for beside one chat's file. */
export async function markedAt(folder: string, sessionId: string): Promise<number | null> {
  for (const name of NAMES(sessionId)) {
    const marker = await readWhole(path.join(folder, name), (json) => parseBy(Marker, json));
    if (marker.found === 'absent') continue;
    const said = marker.found === 'whole' ? marker.value.migratedAt : null;
    return said ?? marker.stamp.changed;
  }
  return null;
}
