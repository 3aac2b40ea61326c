import { useState } from 'preact/hooks';
import { Dialog } from '../dialog.tsx';
import { counted } from '../format.ts';
import { policyAddress } from '../pages.ts';
import type { Change } from './change.ts';
import type { Reason } from './states.ts';

interface CloseProps {
  count: number;
  /** Where a false positive can be left out for good. */
  exclude: { policy: string; detection: string; builtIn: boolean } | undefined;
  close(): void;
  decide(change: Change): void;
}

type Choice = Reason | 'false_positive';
const CHOICES: readonly (readonly [Choice, string])[] = [
  ['true_positive', 'True positive: it happened, and somebody has seen to it'],
  ['benign', 'Benign: it happened, and it is all right'],
  ['duplicate', 'Duplicate of another detection'],
  ['false_positive', 'False positive: it did not happen'],
  ['other', 'Other'],
];

/** Why is it done with? Nothing is closed without an answer. */
export function CloseDialog({ count, exclude, close, decide }: CloseProps) {
  const [choice, setChoice] = useState<Choice>();
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const needsNote = choice === 'other' || choice === 'false_positive';
  const missingNote = needsNote && note.trim() === '';
  const submit = (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (choice === undefined) return document.getElementById('close-true_positive')?.focus();
    if (missingNote) return document.getElementById('close-note')?.focus();
    decide(choice === 'false_positive' ? { state: choice, note } : { state: 'closed', reason: choice, note });
  };
  return (
    <Dialog title={`Close ${count === 1 ? 'this detection' : counted(count, 'detection')}`} close={close}>
      <form onSubmit={submit} noValidate>
        <fieldset class="reasons" aria-describedby="close-missing">
          <legend>Reason</legend>
          {CHOICES.map(([name, words]) => (
            <label key={name} class="choice-option">
              <input
                id={`close-${name}`}
                type="radio"
                name="reason"
                checked={choice === name}
                aria-invalid={tried && choice === undefined}
                onChange={() => setChoice(name)}
              />
              {words}
            </label>
          ))}
          <p id="close-missing" class="bad" role="alert">
            {tried && choice === undefined ? 'Choose a reason' : ''}
          </p>
        </fieldset>
        <div class="field">
          <label for="close-note">Note{needsNote ? '' : ' (if you like)'}</label>
          <textarea
            id="close-note"
            rows={2}
            maxLength={2_000}
            value={note}
            aria-invalid={tried && missingNote}
            aria-describedby="close-note-missing"
            onInput={({ currentTarget }) => setNote(currentTarget.value)}
          />
          <p id="close-note-missing" class="bad" role="alert">
            {tried && missingNote ? 'Say in a few words why' : ''}
          </p>
        </div>
        {choice === 'false_positive' && exclude !== undefined && (
          <p>
            <a href={excludeAddress(exclude)}>Exclude like this</a>{' '}
            <span class="meta">opens the policy with a rule that leaves this out; nothing is muted silently.</span>
          </p>
        )}
        <div class="dialog-buttons">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="primary">
            {count === 1 ? 'Close it' : `Close ${count}`}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** A built-in policy is copied to be changed, another gets a new version. */
const excludeAddress = ({ policy, detection, builtIn }: NonNullable<CloseProps['exclude']>): string =>
  builtIn
    ? `${policyAddress('new')}?copy=${encodeURIComponent(policy)}&exclude=${encodeURIComponent(detection)}`
    : `${policyAddress(policy)}?exclude=${encodeURIComponent(detection)}`;
