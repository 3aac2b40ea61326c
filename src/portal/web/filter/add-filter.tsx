import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { FacetsAnswer } from '../../answers.ts';
import { withChip } from '../../filter/chips.ts';
import type { Field, Grammar } from '../../filter/grammar.ts';
import { getJson } from '../api.ts';
import { useKeys } from '../keys.ts';
import { useOwnDevice } from '../me.ts';
import { go } from '../router.ts';

/** "Add filter": a field, is or is not, and a value, which the server offers as it is typed. */
export function AddFilter({ path, grammar }: { path: string; grammar: Grammar }) {
  const box = useRef<HTMLDetailsElement>(null);
  const [field, setField] = useState(grammar.fields[0]);
  const [not, setNot] = useState(false);
  const [value, setValue] = useState('');
  const open = () => {
    if (box.current === null) return;
    box.current.open = true;
    box.current.querySelector('select')?.focus();
  };
  useKeys({ f: open });
  const close = () => {
    if (box.current !== null) box.current.open = false;
    box.current?.querySelector('summary')?.focus();
  };
  const add = (event: Event) => {
    event.preventDefault();
    const given = value.trim();
    if (field === undefined || given === '') return;
    setValue('');
    close();
    go(path + withChip(location.search, field.name, given, not));
  };
  return (
    <details ref={box} class="add-filter" onKeyDown={(event) => event.key === 'Escape' && close()}>
      <summary>+ Filter</summary>
      <form onSubmit={add}>
        <select
          aria-label="Field"
          value={field?.name}
          onChange={(event) => {
            setField(grammar.fields.find(({ name }) => name === event.currentTarget.value));
            setValue('');
          }}
        >
          {grammar.fields.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
        <select
          aria-label="Is or is not"
          value={String(not)}
          onChange={(event) => setNot(event.currentTarget.value === 'true')}
        >
          <option value="false">is</option>
          <option value="true">is not</option>
        </select>
        {field !== undefined && <Value key={field.name} field={field} value={value} set={setValue} />}
        <button type="submit">Add</button>
      </form>
    </details>
  );
}

const OFFER_MS = 150;

function Value({ field, value, set }: { field: Field; value: string; set(value: string): void }) {
  const list = useId();
  const [offered, setOffered] = useState<FacetsAnswer['values']>([]);
  const [entered, setEntered] = useState(false);
  // Whoever may see one device is refused what others' values are.
  const isOffered = useOwnDevice() === null && field.known === true && entered;
  useEffect(() => {
    if (!isOffered) return;
    const controller = new AbortController();
    const query = new URLSearchParams({ field: field.name, prefix: value });
    const timer = setTimeout(() => {
      getJson<FacetsAnswer>(`/api/facets?${query}`, controller.signal).then(
        ({ values }) => setOffered(values),
        // Nothing is offered then; the value can be typed all the same.
        () => setOffered([]),
      );
    }, OFFER_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [isOffered, field, value]);
  if (field.kind === 'choice') {
    return (
      <select aria-label="Value" required value={value} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">choose</option>
        {field.choices?.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    );
  }
  return (
    <>
      <input
        aria-label="Value"
        required
        list={list}
        value={value}
        placeholder={hintOf(field)}
        onFocus={() => setEntered(true)}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <datalist id={list}>
        {offered.map((each) => (
          <option key={each.value} value={each.value}>
            {each.label}
          </option>
        ))}
      </datalist>
    </>
  );
}

function hintOf({ kind, nonzero }: Field): string {
  if (kind === 'version') return '1.0.411, <1.0.182, >=1.0';
  if (kind === 'text') return '';
  return nonzero === true ? 'nonzero, 0, >1' : '>5000, <=3';
}
