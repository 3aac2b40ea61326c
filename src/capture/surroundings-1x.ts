import type { Generation } from '../core/event.ts';
import type { SessionFolder } from '../kiro/session-folders-1x.ts';
import type { SessionMeta } from '../kiro/session-meta-1x.ts';
import { type Surroundings, workspaceRef } from './build-event.ts';
import type { CaptureContext } from './capture-context.ts';
import { strictest } from './content-level.ts';
import type { Reading } from './reduce-lines.ts';
import type { SessionCursor } from './session-cursor.ts';
import type { SessionStart } from './tell-facts.ts';

/**
 * Kiro IDE 1.x and CLI 3 write the same store. Only a session whose id says that it came from the CLI is told as the CLI's;
 * of every other nothing on disk says who wrote it, and most are the IDE's (kiro/README S12).
 */
export function generationOf(sessionId: string): Generation {
  return sessionId.startsWith('cli_') ? 'cli-3' : 'ide-1.x';
}

/** What all events of a session say of it, as its `session.json` is now. */
export function surroundings1x(folder: SessionFolder, meta: SessionMeta | null, context: CaptureContext): Surroundings {
  const { title = null, mode = null, model = null, workspacePaths = [] } = meta ?? {};
  const generation = generationOf(folder.id);
  const [first = null, ...others] = workspacePaths;
  const levelFor = (path: string | null) => context.levelFor(path, generation);
  const level = strictest(levelFor(first), ...others.map(levelFor));
  return {
    store: 'ide-1.x',
    session: { id: folder.id, generation, title, mode, model },
    workspace: first === null ? null : workspaceRef(first),
    kiroVersion: context.kiroVersion(generation),
    device: context.device,
    // It may belong to a workspace that was excluded: then no text of it may leave.
    level: meta === null ? strictest(level, 'metadata') : level,
  };
}

/**
 * A session is told once, at its first record that is new to us. Its time is that of the first prompt, else of the chat's
 * opening; for a session from before us, which starts for us now with what is configured now, the record's. A session that is
 * filled in afterwards is known to have started then, but what was configured then is not known.
 */
export function startOf1x(
  { record, first }: NonNullable<Reading['begun']>,
  meta: SessionMeta | null,
  { until }: Pick<SessionCursor, 'until'>,
): SessionStart {
  const prompted = record.payload.type === 'user' ? record.time : null;
  const time = first ? (prompted ?? meta?.createdAt ?? record.time) : record.time;
  const inferred = first && time !== null ? [] : ['time'];
  return { time: time ?? new Date(0).toISOString(), inferred, late: until !== null };
}
