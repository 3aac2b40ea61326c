import type { CapsuleEvent } from '../core/event.ts';

/** What one session lost to the bounds. */
export interface Loss {
  session: CapsuleEvent['session'];
  workspace: CapsuleEvent['workspace'];
  ids: string[];
  /** Of the first event that was lost: the gap stands in its place. */
  ordinal: number;
  firstTime: string;
  lastTime: string;
  reason: string;
}

/** What is to be removed, gathered by session. */
export class Losses {
  readonly bySession = new Map<string, Loss>();
  readonly ids: string[] = [];
  bytes = 0;

  add({ json, bytes }: { json: string; bytes: number }, reason: string): void {
    const { id, session, workspace, time, source } = JSON.parse(json) as CapsuleEvent;
    this.ids.push(id);
    this.bytes += bytes;
    const first = { session, workspace, ids: [], ordinal: source.ordinal, firstTime: time, lastTime: time, reason };
    const loss = this.bySession.get(session.id) ?? first;
    this.bySession.set(session.id, loss);
    loss.ids.push(id);
    if (time < loss.firstTime) loss.firstTime = time;
    if (time > loss.lastTime) loss.lastTime = time;
  }
}
