import { type Surroundings, workspaceRef } from './build-event.ts';
import type { CaptureContext } from './capture-context.ts';
import { strictest } from './content-level.ts';
import type { CliFill } from './cursor-cli2.ts';
import type { SessionStart } from './tell-facts.ts';

/** What a CLI session says of itself, from whichever store it is in. */
export interface CliSession {
  id: string;
  title: string | null;
  mode: string | null;
  model: string | null;
  /** null: not known, as when its metadata is missing. */
  cwd: string | null;
  createdAt: string | null;
}

/** What all events of a CLI session say of it. */
export function surroundingsCli2(session: CliSession, context: CaptureContext): Surroundings {
  const { id, title, mode, model, cwd } = session;
  const level = context.levelFor(cwd, 'cli-2');
  return {
    store: 'cli-2',
    session: { id, generation: 'cli-2', title, mode, model },
    workspace: cwd === null ? null : workspaceRef(cwd),
    kiroVersion: context.kiroVersion('cli-2'),
    device: context.device,
    // It may belong to a workspace that was excluded: then no text of it may leave.
    level: cwd === null ? strictest(level, 'metadata') : level,
  };
}

/**
 * A session starts when it was made; for one from before us, where we came in, at `first`. A prompt's time is cut to
 * seconds, so that it may seem to come before: then it is the start. What was configured is not known of one that is filled in
 * afterwards, which starts for us where its telling does.
 */
export function startOfCli2(
  { createdAt }: CliSession,
  { whole, first, fill }: { whole: boolean; first: string | null; fill: CliFill | null },
): SessionStart {
  const told = whole && (fill === null || (createdAt !== null && createdAt >= fill.since));
  const made = told && createdAt !== null && (first === null || createdAt <= first) ? createdAt : null;
  const time = made ?? first ?? new Date(0).toISOString();
  return { time, inferred: made === null ? ['time'] : [], late: fill !== null };
}
