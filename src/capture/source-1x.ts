import type { Host } from '../core/host.ts';
import { findSessionFolder, findSessionFolders } from '../kiro/session-folders-1x.ts';
import { logRefused } from './log-refused.ts';
import { finishSession, readSession } from './read-session.ts';
import { backfillCursor, baselineCursor, type SessionCursor } from './session-cursor.ts';
import type { Cursor, SessionSource } from './session-source.ts';
import { sweep } from './sweep.ts';

/** The sessions of Kiro IDE 1.x (`~/.kiro/sessions`); `sessionsRoot` is asked each time, because settings may move it. */
export function source1x(host: Host, sessionsRoot: () => string): SessionSource {
  return {
    store: 'ide-1.x',
    sweep: (cursors, context, hint = {}) =>
      sweep(host, sessionsRoot(), { get: (id) => own(cursors.get('ide-1.x', id)) }, context, hint),
    async read(sessionId, cursor, context) {
      const folder = await findSessionFolder(sessionsRoot(), sessionId);
      return folder === null ? undefined : readSession(host, folder, own(cursor), context);
    },
    async finish(sessionId, cursor, context) {
      const folder = await findSessionFolder(sessionsRoot(), sessionId);
      return folder === null ? undefined : ((await finishSession(folder, own(cursor), context)) ?? undefined);
    },
    backfill(live, since) {
      const cursor = own(live);
      return cursor === null ? null : backfillCursor(cursor, since);
    },
    async *baseline() {
      for (const folder of await findSessionFolders(sessionsRoot(), logRefused(host))) {
        yield { sessionId: folder.id, cursor: await baselineCursor(folder) };
      }
    },
  };
}

/** A cursor comes back from our own database as this source gave it. */
function own(cursor: Cursor): SessionCursor | null {
  return cursor as SessionCursor | null;
}
