import { type Draft, draftProblems } from './draft.ts';

interface SaveProps {
  draft: Draft;
  set(part: Partial<Draft>): void;
  tried: boolean;
  /** What was checked last may be judged. */
  valid: boolean;
  changed: boolean;
  saved: boolean;
  /** The built-in policy that this copy is for: it can be switched off with the same click. */
  replaces: { name: string; checked: boolean; set(checked: boolean): void } | undefined;
}

/** On or off, why, and the button. */
export function SaveFields({ draft, set, tried, valid, changed, saved, replaces }: SaveProps) {
  const missing = tried ? draftProblems(draft).note : undefined;
  return (
    <div class="save">
      <label class="choice-option">
        <input
          type="checkbox"
          checked={draft.enabled}
          disabled={!valid && !draft.enabled}
          onChange={({ currentTarget }) => set({ enabled: currentTarget.checked })}
        />
        Judge new events by it
        {!valid && <span class="meta"> (once it can be judged)</span>}
      </label>
      {replaces !== undefined && (
        <label class="choice-option">
          <input
            type="checkbox"
            checked={replaces.checked}
            onChange={({ currentTarget }) => replaces.set(currentTarget.checked)}
          />
          Switch the built-in “{replaces.name}” off
        </label>
      )}
      <div class="field">
        <label for="policy-note">Why this version</label>
        <input
          id="policy-note"
          maxLength={2_000}
          value={draft.note}
          aria-invalid={missing !== undefined}
          aria-describedby="policy-note-note"
          onInput={({ currentTarget }) => set({ note: currentTarget.value })}
        />
        <p id="policy-note-note" class="bad" role="alert">
          {missing}
        </p>
      </div>
      <p class="save-line">
        <button type="submit" class="primary" disabled={!changed}>
          Save as a new version
        </button>
        <span class="meta" role="status">
          {saved ? 'Saved' : !changed ? 'Nothing is changed' : ''}
        </span>
      </p>
    </div>
  );
}
