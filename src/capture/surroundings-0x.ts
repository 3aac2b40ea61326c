import type { Execution } from '../kiro/execution-0x.ts';
import type { SessionFile } from '../kiro/session-file-0x.ts';
import { type Surroundings, workspaceRef } from './build-event.ts';
import type { CaptureContext } from './capture-context.ts';
import { strictest } from './content-level.ts';

/** What is known of a chat of Kiro 0.x and of one execution in it. */
export interface Session0x {
  sessionId: string;
  execution: Pick<Execution, 'model'>;
  /** null when the chat's file is gone, or cannot be read. */
  file: SessionFile | null;
  /** The workspace's folders, as far as any file names them. */
  roots: readonly string[];
}

/** What all events of an execution say of its chat. */
export function surroundings0x(
  { sessionId, execution, file, roots }: Session0x,
  context: CaptureContext,
): Surroundings {
  const [first = null, ...others] = roots;
  const level = strictest(
    context.levelFor(first, 'ide-0.x'),
    ...others.map((root) => context.levelFor(root, 'ide-0.x')),
  );
  return {
    store: 'ide-0.x',
    session: {
      id: sessionId,
      generation: 'ide-0.x',
      title: file?.title ?? null,
      mode: file?.mode ?? null,
      model: execution.model ?? file?.model ?? null,
    },
    workspace: first === null ? null : workspaceRef(first),
    kiroVersion: context.kiroVersion('ide-0.x'),
    device: context.device,
    // It may belong to a workspace that was excluded: then no text of it may leave.
    level: first === null ? strictest(level, 'metadata') : level,
  };
}
