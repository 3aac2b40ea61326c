import type { Act } from '../administration-answers.ts';

/** What `toAct` reads. */
export const ACT_COLUMNS = 'time, actor, act, object, came_from AS "from", client, changes';
export type ActRow = Omit<Act, 'changes'> & { changes: string | null };

/** An act as it was noted. */
export const toAct = ({ time, actor, act, object, from, client, changes }: ActRow): Act => ({
  ...{ time, actor, act, object, from, client },
  changes: changes === null ? null : (JSON.parse(changes) as Act['changes']),
});
