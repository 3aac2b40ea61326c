import { useState } from 'preact/hooks';
import { type Choices, CONTENT_LEVELS, daysProblem, HOOK_MODES, SYSTEMS } from './installer-choices.ts';

interface FormProps {
  first: Choices;
  busy: boolean;
  make(choices: Choices): void;
}

/** What an installer is to be like. Everything but the system may be left as it is. */
export function InstallerForm({ first, busy, make }: FormProps) {
  const [choices, setChoices] = useState(first);
  const [tried, setTried] = useState(false);
  const [open, setOpen] = useState(first.days !== '365');
  const set = (part: Partial<Choices>) => setChoices((before) => ({ ...before, ...part }));
  const problem = daysProblem(choices.days);
  const submit = (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (problem === undefined) return make(choices);
    // A closed fold would hide why nothing happens.
    setOpen(true);
    requestAnimationFrame(() => document.getElementById('installer-days')?.focus());
  };
  return (
    <form class="installer-form" onSubmit={submit} noValidate>
      <fieldset class="choice">
        <legend>System</legend>
        {SYSTEMS.map(([system, name]) => (
          <label key={system} class="choice-option">
            <input type="radio" name="system" checked={choices.system === system} onChange={() => set({ system })} />
            {name}
          </label>
        ))}
      </fieldset>
      <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>Advanced</summary>
        <Advanced choices={choices} set={set} problem={tried ? problem : undefined} />
      </details>
      <button type="submit" class="primary" disabled={busy}>
        {busy ? 'Making it …' : 'Make installer'}
      </button>
    </form>
  );
}

interface AdvancedProps {
  choices: Choices;
  set(part: Partial<Choices>): void;
  problem: string | undefined;
}

const Advanced = ({ choices, set, problem }: AdvancedProps) => (
  <div class="fields">
    <div class="field">
      <label for="installer-days">Token lifetime, in days</label>
      <input
        id="installer-days"
        inputMode="numeric"
        value={choices.days}
        aria-invalid={problem !== undefined}
        aria-describedby="installer-days-note"
        onInput={({ currentTarget }) => set({ days: currentTarget.value })}
      />
      <p
        id="installer-days-note"
        class={problem === undefined ? 'meta' : 'bad'}
        role={problem === undefined ? undefined : 'alert'}
      >
        {problem ?? 'How long a device may send events before its token has to be renewed, which it does by itself.'}
      </p>
    </div>
    <fieldset class="choice">
      <legend>Uses</legend>
      {(['one', 'many'] as const).map((uses) => (
        <label key={uses} class="choice-option">
          <input type="radio" name="uses" checked={choices.uses === uses} onChange={() => set({ uses })} />
          {uses === 'one' ? 'One device, within a day' : 'Many devices, within 30 days'}
        </label>
      ))}
    </fieldset>
    <Select
      id="installer-content"
      label="Content"
      value={choices.content}
      of={CONTENT_LEVELS}
      set={(content) => set({ content })}
    />
    <Select id="installer-hooks" label="Hooks" value={choices.hooks} of={HOOK_MODES} set={(hooks) => set({ hooks })} />
    <div class="field">
      <label for="installer-label">Label</label>
      <input
        id="installer-label"
        maxLength={80}
        value={choices.label}
        onInput={({ currentTarget }) => set({ label: currentTarget.value })}
      />
    </div>
  </div>
);

interface SelectProps {
  id: string;
  label: string;
  value: string;
  of: readonly string[];
  set(value: string): void;
}

const Select = ({ id, label, value, of, set }: SelectProps) => (
  <div class="field">
    <label for={id}>{label}</label>
    <select id={id} value={value} onChange={({ currentTarget }) => set(currentTarget.value)}>
      {of.map((option) => (
        <option key={option}>{option}</option>
      ))}
    </select>
  </div>
);
