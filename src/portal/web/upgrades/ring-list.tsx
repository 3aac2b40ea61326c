import { useState } from 'preact/hooks';
import type { RingsAnswer } from '../../installers/rings-schema.ts';
import { ConfirmDialog } from '../dialog.tsx';
import { useMay } from '../me.ts';
import { buttonId, RingButtons } from './ring-buttons.tsx';
import { RingCard } from './ring-card.tsx';
import type { Editing } from './ring-dialog.tsx';
import { freedWords, OTHERS } from './ring-words.ts';
import { draftOf, type Keep, withMoved, withoutRing } from './rings-draft.ts';

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
  const { length } = answer.rings;
  const move = (at: number, name: string) => (by: -1 | 1) => {
    focusAfter(buttonId(by, name), buttonId(by === 1 ? -1 : 1, name));
    void keep(answer, withMoved(draftOf(answer), at, by), `${name} is number ${at + by + 1} of ${length} now.`);
  };
  return (
    <>
      <ol class="rings">
        {answer.rings.map(({ name }, at) => (
          <RingCard key={name} answer={answer} ring={name}>
            {mayChange && (
              <RingButtons
                name={name}
                isFirst={at === 0}
                isLast={at === length - 1}
                move={move(at, name)}
                edit={() => edit({ at })}
                remove={() => setRemoving(at)}
              />
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
      {removing !== undefined && (
        <Removal answer={answer} at={removing} keep={keep} close={() => setRemoving(undefined)} />
      )}
    </>
  );
}

function Removal({ answer, at, keep, close }: { answer: RingsAnswer; at: number; keep: Keep; close(): void }) {
  // As it was when it was asked.
  const [seen] = useState(answer);
  const draft = draftOf(seen);
  const name = draft.rings[at]?.name;
  if (name === undefined) return null;
  const after = withoutRing(draft, at);
  const freed = freedWords(draft, after);
  const remove = () => {
    close();
    void keep(seen, after, `Ring ${name} is removed.`);
  };
  return (
    <ConfirmDialog title={`Remove ring ${name}?`} act="Remove" confirm={remove} close={close}>
      <p>Its agents go to whichever ring names them next, or by their share, or to everybody else.</p>
      {freed !== '' && <p class="warn">{freed}</p>}
    </ConfirmDialog>
  );
}
