import path from 'node:path';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import type { Answer, Progress } from './command.ts';
import type { StorePlace } from './portal-place.ts';
import { count } from './say.ts';

/**
 * `portal move`: from a folder into PostgreSQL, with the portal stopped; or `--back`, which only lets the folder be used again.
 * Throws `usage`, `not-found`, `already-running`, `database-unusable`, `tls-unusable`.
 */
export async function movePortal(
  host: Pick<Host, 'now'>,
  { folder, database }: StorePlace,
  { back }: { back: boolean },
  progress: Progress,
): Promise<Answer> {
  if (back) {
    const { openAlone, unmarkMoved } = await import('../portal/store/sqlite/moved.ts');
    const source = openAlone(folder);
    const was = unmarkMoved(source);
    source.close();
    const output = was ? `A portal can use ${folder} again, as it was before the move.` : `${folder} was not moved.`;
    return { output, json: { back: was }, exitCode: 0 };
  }
  if (database === undefined) {
    throw new Failure('usage', 'Where to? Name an empty PostgreSQL database with --database-file FILE');
  }
  const { moveToPostgres } = await import('../portal/store/move/move-to-postgres.ts');
  const now = () => host.now();
  const show = (events: number, of: number) => progress.show(`Moving … ${events} of ${count(of, 'event')}`);
  const copied = await moveToPostgres({ folder, to: database, now, progress: show });
  const { organisations = 0, agents = 0, events = 0 } = copied;
  return {
    output: [
      `${count(organisations, 'organisation')} moved to PostgreSQL, with ${count(agents, 'agent')} and ${count(events, 'event')}.`,
      'Start the portal with that database now: capsule-kiro portal --database-file FILE. Agents and people notice nothing of it.',
      'Prove that everything came: capsule-kiro portal verify --database-file FILE',
      `No portal uses ${path.join(folder, 'portal.db')} any more; it can be deleted.`,
    ].join('\n'),
    json: { rows: copied },
    exitCode: 0,
  };
}
