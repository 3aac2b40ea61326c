import { useState } from 'preact/hooks';
import type { RingsAnswer } from '../../installers/rings-schema.ts';
import { actorWords } from '../actor.ts';
import { ApiError, postJson } from '../api.ts';
import { ConfirmDialog } from '../dialog.tsx';
import { Icon } from '../icon.tsx';
import { useMay } from '../me.ts';
import { Time } from '../time.tsx';
import { haltWords } from './ring-words.ts';

type Halt = RingsAnswer['halts'][number];

interface HaltsProps {
  halts: readonly Halt[];
  say(words: string): void;
  done(): void;
}

/** Versions that failed too often: those that are halted in full, those that were let on again as a line. */
export function Halts({ halts, say, done }: HaltsProps) {
  const standing = halts.filter(({ resumedAt }) => resumedAt === null);
  const over = halts.filter(({ resumedAt }) => resumedAt !== null);
  return (
    <>
      {standing.map((halt) => (
        <StandingHalt key={halt.version} halt={halt} say={say} done={done} />
      ))}
      {over.length > 0 && (
        <details class="past-halts">
          <summary>Halts that are over</summary>
          <ul>
            {over.map((halt) => (
              <li key={halt.version}>
                {halt.version}, <Time iso={halt.haltedAt} />. {haltWords(halt)} Offered again by{' '}
                {actorWords(halt.resumedBy ?? '')} <Time iso={halt.resumedAt ?? ''} />.
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function StandingHalt({ halt, say, done }: { halt: Halt; say(words: string): void; done(): void }) {
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const mayChange = useMay('admin');
  const resume = async () => {
    try {
      await postJson(`/api/upgrade-rings/${encodeURIComponent(halt.version)}/resume`, {});
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setProblem(failure.message);
      return;
    }
    setAsking(false);
    say(`${halt.version} is offered again.`);
    done();
  };
  return (
    <section class="halt" aria-label={`${halt.version} is halted`}>
      <p>
        <strong>
          <Icon name="bad" /> {halt.version} is halted
        </strong>{' '}
        since <Time iso={halt.haltedAt} />. {haltWords(halt)}{' '}
        {halt.ring === null
          ? 'Nobody else there is offered it.'
          : 'Nobody else in that ring, nor in those after it, is offered it.'}
      </p>
      {mayChange && (
        <button type="button" onClick={() => setAsking(true)}>
          Offer it again
        </button>
      )}
      {asking && (
        <ConfirmDialog
          title={`Offer ${halt.version} again?`}
          act="Offer it again"
          confirm={() => void resume()}
          problem={problem}
          close={() => setAsking(false)}
        >
          <p>Agents on which it failed before are not counted again; new failures are.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
