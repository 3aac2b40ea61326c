import type { Zone } from '../preferences.ts';
import type { Typed } from './ring-dialog.tsx';

interface FieldsProps {
  typed: Typed;
  set(part: Partial<Typed>): void;
  /** Not of everybody else, who are who is left. */
  whole: boolean;
  zone: Zone;
  /** The ring before; undefined for what comes first. */
  previous: string | undefined;
}

/** Who is in a ring, what it takes, and from when. */
export const RingFields = (props: FieldsProps) => (
  <>
    {props.whole && <Who {...props} />}
    <Takes {...props} />
    <From {...props} />
  </>
);

const Who = ({ typed, set }: FieldsProps) => (
  <>
    <div class="field">
      <label for="ring-name">Name</label>
      <input
        id="ring-name"
        value={typed.name}
        maxLength={40}
        onInput={({ currentTarget }) => set({ name: currentTarget.value })}
      />
    </div>
    <div class="fields">
      <Names id="ring-users" label="Users" value={typed.users} set={(users) => set({ users })} />
      <Names id="ring-devices" label="Devices" value={typed.devices} set={(devices) => set({ devices })} />
    </div>
    <p class="meta">One name a line; * stands for any letters, as in qa-*.</p>
    <div class="field">
      <label for="ring-percent">And of the agents that no ring names, percent</label>
      <input
        id="ring-percent"
        class="small"
        inputMode="decimal"
        placeholder="0"
        value={typed.percent}
        onInput={({ currentTarget }) => set({ percent: currentTarget.value })}
      />
    </div>
  </>
);

const Names = ({ id, label, value, set }: { id: string; label: string; value: string; set(value: string): void }) => (
  <div class="field">
    <label for={id}>{label}</label>
    <textarea id={id} rows={3} value={value} onInput={({ currentTarget }) => set(currentTarget.value)} />
  </div>
);

const TAKES = { newest: 'The newest version', version: 'Versions up to', nothing: 'Nothing for now' } as const;

const Takes = ({ typed, set }: FieldsProps) => (
  <div class="in-a-row">
    <div class="field">
      <label for="ring-takes">Takes</label>
      <select
        id="ring-takes"
        value={typed.takes}
        onChange={({ currentTarget }) => set({ takes: currentTarget.value as Typed['takes'] })}
      >
        {Object.entries(TAKES).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </div>
    {typed.takes === 'version' && (
      <div class="field">
        <label for="ring-version">Version</label>
        <input
          id="ring-version"
          class="small"
          placeholder="0.2.0"
          value={typed.version}
          onInput={({ currentTarget }) => set({ version: currentTarget.value })}
        />
      </div>
    )}
  </div>
);

const From = ({ typed, set, zone, previous }: FieldsProps) => (
  <div class="in-a-row">
    <div class="field">
      <label for="ring-starts">Not before ({zone === 'utc' ? 'UTC' : 'local time'})</label>
      <input
        id="ring-starts"
        type="datetime-local"
        value={typed.startsAt}
        onInput={({ currentTarget }) => set({ startsAt: currentTarget.value })}
      />
    </div>
    {previous !== undefined && (
      <div class="field">
        <label for="ring-days">Days after ring {previous} has begun</label>
        <input
          id="ring-days"
          class="small"
          inputMode="numeric"
          placeholder="does not wait"
          value={typed.daysAfter}
          onInput={({ currentTarget }) => set({ daysAfter: currentTarget.value })}
        />
      </div>
    )}
  </div>
);
