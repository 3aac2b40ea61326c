import path from 'node:path';
import * as z from 'zod';
import { field, id, moment, parseBoth } from './fields-0x.ts';
import { unknownFields0x } from './known-fields-0x.ts';
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
      const mark = await readMark(path.join(sessions, name), sessionId);
      if (mark !== null) return mark.at;
    }
  }
  return null;
}

/** Kiro's mark beside a chat that was moved to 1.x: when that was, in ms, and what in it is not known, by name. */
export interface MigrationMark {
  at: number;
  unknown: Record<string, number>;
}

/** The mark beside one chat's file; null when there is none. */
export async function readMark(folder: string, sessionId: string): Promise<MigrationMark | null> {
  for (const name of NAMES(sessionId)) {
    const marker = await readWhole(path.join(folder, name), (json) => parseBoth(Marker, json));
    if (marker.found === 'absent') continue;
    const { known = null, all = null } = marker.found === 'whole' ? marker.value : {};
    return { at: known?.migratedAt ?? marker.stamp.changed, unknown: unknownFields0x('migration', all) };
  }
  return null;
}
