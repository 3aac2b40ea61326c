import { useState } from 'preact/hooks';
import type { RingsAnswer } from '../../installers/rings-schema.ts';
import { counted, number } from '../format.ts';
import { useMay } from '../me.ts';
import { draftOf, type Keep } from './rings-draft.ts';

/** When a version goes no further by itself. */
export function HaltRule({ answer, keep }: { answer: RingsAnswer; keep: Keep }) {
  const { haltShare, haltAtLeast } = answer;
  const [share, setShare] = useState(String(haltShare));
  const [least, setLeast] = useState(String(haltAtLeast));
  const [problem, setProblem] = useState<string>();
  const mayChange = useMay('admin');
  const submit = async (event: Event) => {
    event.preventDefault();
    const draft = { ...draftOf(answer), haltShare: Number(share), haltAtLeast: Number(least) };
    setProblem(await keep(answer, draft, 'Kept. It counts from the next failure on.'));
  };
  return (
    <section aria-labelledby="halt-head">
      <h2 id="halt-head" class="section-head">
        When it is halted
      </h2>
      <p class="meta">
        {haltShare >= 100
          ? 'Never: however many agents say that a version does not work, it goes on.'
          : `When a version failed on more than ${number(haltShare)} % of the agents that a ring offered it to, and on at
             least ${counted(haltAtLeast, 'agent')}, that ring and those after it are offered it no longer.`}{' '}
        An agent that is switched off, or does not come back, says nothing and counts as no failure.
      </p>
      {mayChange && (
        <form class="in-a-row" onSubmit={submit} noValidate>
          <div class="field">
            <label for="halt-share">More than, percent</label>
            <input
              id="halt-share"
              class="small"
              inputMode="decimal"
              value={share}
              onInput={({ currentTarget }) => setShare(currentTarget.value)}
            />
          </div>
          <div class="field">
            <label for="halt-least">At least, agents</label>
            <input
              id="halt-least"
              class="small"
              inputMode="numeric"
              value={least}
              onInput={({ currentTarget }) => setLeast(currentTarget.value)}
            />
          </div>
          <button type="submit">Keep</button>
          {problem !== undefined && (
            <p class="bad whole-row" role="alert">
              {problem}
            </p>
          )}
        </form>
      )}
    </section>
  );
}
