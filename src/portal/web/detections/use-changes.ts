import { useRef, useState } from 'preact/hooks';
import type { DetectionStep, StoredDetection } from '../../policies/records.ts';
import { actorWords } from '../actor.ts';
import { ApiError } from '../api.ts';
import { ago, counted } from '../format.ts';
import { type Change, changeMany, changeOne, undo } from './change.ts';
import { REASONS, type Reason, STATE_WORDS } from './states.ts';
import type { Done } from './undo-toast.tsx';

export interface Changes {
  change(detections: readonly StoredDetection[], change: Change): Promise<void>;
  done: Done | undefined;
  forget(): void;
  /** Why the last change was not made, in words. */
  problem: string | undefined;
}

/** Changes detections, remembers how to undo it, and says who was faster. `reload` shows what is there now. */
export function useChanges(reload: () => void): Changes {
  const [done, setDone] = useState<Done>();
  const [problem, setProblem] = useState<string>();
  const busy = useRef(false);
  const apply = async (work: () => Promise<string | undefined>) => {
    if (busy.current) return;
    busy.current = true;
    try {
      setProblem(await work());
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setProblem(problemWords(failure));
    } finally {
      busy.current = false;
      reload();
    }
  };
  const change: Changes['change'] = (detections, wanted) =>
    apply(async () => {
      const [only] = detections;
      if (only === undefined) return undefined;
      if (detections.length === 1) await changeOne(only, wanted);
      const unchanged = detections.length === 1 ? [] : await changeMany(detections, wanted);
      const changed = detections.filter(({ id }) => !unchanged.includes(id));
      const takeBack = () => {
        setDone(undefined);
        void apply(async () => {
          return othersWords(await undo(changed));
        });
      };
      if (changed.length > 0) setDone({ at: Date.now(), words: changeWords(wanted, changed.length), undo: takeBack });
      return othersWords(unchanged);
    });
  return { change, done, forget: () => setDone(undefined), problem };
}

function othersWords({ length }: readonly string[]): string | undefined {
  if (length === 0) return undefined;
  return `${counted(length, 'detection')} had been changed by somebody else meanwhile, and ${length === 1 ? 'is' : 'are'} left as they made it.`;
}

/** `Closed as benign`, `3 in review`. Pure. */
export function changeWords({ state, reason, assignee }: Change, count: number): string {
  const many = count === 1 ? '' : `${count} `;
  if (state === undefined) return assignee === undefined ? 'Noted' : `${many}assigned to ${assignee ?? 'nobody'}`;
  const why = reason === undefined ? '' : ` as ${REASONS[reason as Reason].toLowerCase()}`;
  const words = STATE_WORDS[state] + why;
  return count === 1 ? words : `${many}${words.toLowerCase()}`;
}

/** `sam made it “closed as benign” just now. Yours was not saved.` */
function problemWords(error: ApiError): string {
  const { last } = (error.body ?? {}) as { last?: DetectionStep | null };
  if (error.status !== 409 || !last) return error.message;
  const { state, reason, assignee } = last.change;
  const what =
    state !== undefined
      ? STATE_WORDS[state].toLowerCase() + (reason ? ` as ${REASONS[reason as Reason]?.toLowerCase()}` : '')
      : assignee !== undefined
        ? `assigned to ${assignee ?? 'nobody'}`
        : 'noted';
  const when = ago(Date.parse(last.at), Date.now()) ?? 'earlier';
  return `Not saved: ${actorWords(last.by)} changed it ${when} (${what}). What is shown now is theirs.`;
}
