import { useState } from 'preact/hooks';
import type { RingsAnswer } from '../../installers/rings-schema.ts';
import { ConfirmDialog } from '../dialog.tsx';
import { useMay } from '../me.ts';
import { RingCard } from './ring-card.tsx';
import type { Editing } from './ring-dialog.tsx';
import { freedWords, OTHERS } from './ring-words.ts';
import { draftOf, withMoved, withoutRing } from './rings-draft.ts';
import type { Keep } from './upgrades-page.tsx';

interface ListProps {
  answer: RingsAnswer;
  keep: Keep;
  edit(editing: Editing): void;
  focusAfter(...ids: string[]): void;
}

/** The rings in the order in which a version goes through, and everybody else. */
export function RingList({ answer, keep, edit, focusAfter }: ListProps) {
  const [removing, setRemoving] = useState<number>();
  const mayChange = useMay('admin');
  const draft = draftOf(answer);
  const move = (at: number, name: string, by: -1 | 1) => {
    const [same, other] = by < 0 ? ['earlier', 'later'] : ['later', 'earlier'];
    focusAfter(`${same}-${name}`, `${other}-${name}`);
    void keep(withMoved(draft, at, by), `${name} is number ${at + by + 1} of ${answer.rings.length} now.`);
  };
  const gone = removing === undefined ? undefined : answer.rings[removing];
  return (
    <>
      <ol class="rings">
        {answer.rings.map((ring, at) => (
          <RingCard key={ring.name} answer={answer} ring={ring.name}>
            {mayChange && (
              <>
                <button
                  type="button"
                  id={`earlier-${ring.name}`}
                  aria-label={`Move ${ring.name} earlier`}
                  disabled={at === 0}
                  onClick={() => move(at, ring.name, -1)}
                >
                  Earlier
                </button>
                <button
                  type="button"
                  id={`later-${ring.name}`}
                  aria-label={`Move ${ring.name} later`}
                  disabled={at === answer.rings.length - 1}
                  onClick={() => move(at, ring.name, 1)}
                >
                  Later
                </button>
                <button type="button" aria-label={`Edit ${ring.name}`} onClick={() => edit({ at })}>
                  Edit
                </button>
                <button type="button" class="quiet" aria-label={`Remove ${ring.name}`} onClick={() => setRemoving(at)}>
                  Remove
                </button>
              </>
            )}
          </RingCard>
        ))}
        <RingCard answer={answer} ring={null}>
          {mayChange && (
            <button type="button" aria-label={`Edit ${OTHERS}`} onClick={() => edit({ at: 'others' })}>
              Edit
            </button>
          )}
        </RingCard>
      </ol>
      {gone !== undefined && removing !== undefined && (
        <ConfirmDialog
          title={`Remove ring ${gone.name}?`}
          act="Remove"
          confirm={() => {
            setRemoving(undefined);
            void keep(withoutRing(draft, removing), `Ring ${gone.name} is removed.`);
          }}
          close={() => setRemoving(undefined)}
        >
          <p>Its agents go to whichever ring names them next, or by their share, or to everybody else.</p>
          {freedWords(draft, withoutRing(draft, removing)) !== '' && (
            <p class="warn">{freedWords(draft, withoutRing(draft, removing))}</p>
          )}
        </ConfirmDialog>
      )}
    </>
  );
}
