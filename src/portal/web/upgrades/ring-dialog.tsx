import { useState } from 'preact/hooks';
import type { Ring, RingsAnswer, UpgradeRings } from '../../installers/rings-schema.ts';
import { Dialog } from '../dialog.tsx';
import { usePreferences } from '../preferences.ts';
import { RingFields } from './ring-fields.tsx';
import { OTHERS } from './ring-words.ts';
import { draftOf, fromField, type Keep, NEW_RING, namesFrom, toField, withRing } from './rings-draft.ts';

/** The ring at a place, which may be behind all of them, or everybody else. */
export interface Editing {
  at: number | 'others';
}

/** What is typed, as it is typed. */
export interface Typed {
  name: string;
  users: string;
  devices: string;
  percent: string;
  takes: 'newest' | 'version' | 'nothing';
  version: string;
  startsAt: string;
  daysAfter: string;
}

interface DialogProps {
  answer: RingsAnswer;
  editing: Editing;
  keep: Keep;
  close(): void;
}

/** Makes or changes a ring. It stays open until what was typed is kept. */
export function RingDialog({ answer, editing: { at }, keep, close }: DialogProps) {
  const { zone } = usePreferences();
  // What came meanwhile may have another ring at this place.
  const [seen] = useState(answer);
  const draft = draftOf(seen);
  const before = at === 'others' ? othersOf(draft) : (draft.rings[at] ?? NEW_RING);
  const [typed, setTyped] = useState<Typed>(() => ({
    name: before.name,
    users: before.users.join('\n'),
    devices: before.devices.join('\n'),
    percent: before.percent === 0 ? '' : String(before.percent),
    takes: before.upTo === null ? 'nothing' : before.upTo === 'newest' ? 'newest' : 'version',
    version: before.upTo === null || before.upTo === 'newest' ? '' : before.upTo,
    startsAt: toField(before.startsAt, zone),
    daysAfter: before.daysAfter === null ? '' : String(before.daysAfter),
  }));
  const [problem, setProblem] = useState<string>();
  const submit = async (event: Event) => {
    event.preventDefault();
    const ring: Ring = {
      name: typed.name.trim(),
      users: namesFrom(typed.users),
      devices: namesFrom(typed.devices),
      percent: Number(typed.percent),
      upTo: typed.takes === 'newest' ? 'newest' : typed.takes === 'version' ? typed.version.trim() : null,
      startsAt: fromField(typed.startsAt, zone),
      daysAfter: typed.daysAfter.trim() === '' ? null : Number(typed.daysAfter),
    };
    const wrong = await keep(
      seen,
      at === 'others' ? withOthers(draft, ring) : withRing(draft, at, ring),
      `${at === 'others' ? OTHERS : `Ring ${ring.name}`}: kept.`,
    );
    if (wrong === undefined) close();
    else setProblem(wrong);
  };
  const title = at === 'others' ? OTHERS : before.name === '' ? 'A new ring' : `Ring ${before.name}`;
  const first = at === 0 || (at === 'others' && draft.rings.length === 0);
  const previous = first ? undefined : draft.rings[at === 'others' ? draft.rings.length - 1 : at - 1]?.name;
  return (
    <Dialog title={title} close={close}>
      <form class="webhook-form ring-form" onSubmit={submit} noValidate>
        <RingFields
          typed={typed}
          set={(part) => setTyped({ ...typed, ...part })}
          whole={at !== 'others'}
          {...{ zone }}
          previous={previous}
        />
        <p class="bad" role="alert">
          {problem}
        </p>
        <div class="dialog-buttons">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Keep
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const othersOf = ({ others, othersStartsAt, othersDaysAfter }: UpgradeRings): Ring => ({
  ...{ ...NEW_RING, upTo: others, startsAt: othersStartsAt, daysAfter: othersDaysAfter },
});

const withOthers = (draft: UpgradeRings, { upTo, startsAt, daysAfter }: Ring): UpgradeRings => ({
  ...{ ...draft, others: upTo, othersStartsAt: startsAt, othersDaysAfter: daysAfter },
});
