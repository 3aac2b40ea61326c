import { SEVERITY_NAMES, severityWord } from '../severity.tsx';
import type { StreamWish, WishText } from './stream-wish.ts';

/** As in `core/event.ts`, which is not for the page. */
const KINDS = [
  ...['session.started', 'prompt.submitted', 'agent.responded', 'agent.reasoned', 'tool.invoked', 'turn.ended'],
  'capture.gap',
];
/** As in `siem/stream.ts`. */
const FACILITIES = [
  ...['user', 'daemon', 'auth', 'authpriv', 'audit', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5'],
  ...['local6', 'local7'],
];

interface FieldsProps {
  /** Begins the ids of the fields: there may be several such forms on the page. */
  id: string;
  wish: StreamWish;
  change(wish: StreamWish): void;
  /** A stream that is there keeps the way it goes, and its beginning. */
  isNew: boolean;
}

/** Everything that can be chosen of a stream. */
export function StreamFields({ id, wish, change, isNew }: FieldsProps) {
  const { texts } = wish;
  const set = (name: WishText) => (value: string) => change({ ...wish, texts: { ...texts, [name]: value } });
  const text = (name: WishText, label: string, placeholder = '') => (
    <TextField
      id={`${id}-${name}`}
      problem={`${id}-problem`}
      value={texts[name]}
      set={set(name)}
      {...{ label, placeholder }}
    />
  );
  const choice = (name: WishText, label: string, options: Readonly<Record<string, string>>) => (
    <ChoiceField id={`${id}-${name}`} value={texts[name]} set={set(name)} {...{ label, options }} />
  );
  return (
    <>
      {text('name', 'Name', 'optional')}
      {isNew && choice('kind', 'By', { syslog: 'Syslog (RFC 5424)', http: 'HTTP, signed batches' })}
      {texts.kind === 'http' ? (
        text('url', 'Address', 'https://siem.example.com/capsule')
      ) : (
        <>
          {text('host', 'Host', 'siem.example.com')}
          {text('port', 'Port')}
          {choice('transport', 'Transport', TRANSPORTS)}
        </>
      )}
      {choice('format', 'Format', { capsule: 'Capsule’s JSON', ocsf: 'OCSF 1.9.0', cloudevents: 'CloudEvents 1.0' })}
      {choice('content', 'Content of events', { metadata: 'Lengths and hashes only', full: 'As it is stored here' })}
      {isNew && choice('from', 'Beginning', { now: 'With what comes now', start: 'With all that is stored' })}
      <Boxes
        legend="Detections"
        all={SEVERITY_NAMES}
        chosen={wish.severities}
        choose={(severities) => change({ ...wish, severities })}
        word={severityWord}
      />
      <Boxes
        legend="Events"
        all={KINDS}
        chosen={wish.kinds}
        choose={(kinds) => change({ ...wish, kinds })}
        word={(kind) => kind}
      />
      {texts.kind === 'syslog' && (
        <details>
          <summary>More of syslog</summary>
          <div class="webhook-form">
            {choice('facility', 'Facility', Object.fromEntries(FACILITIES.map((name) => [name, name])))}
            {text('appName', 'App name')}
            {text('maxMessageBytes', 'Largest message in bytes')}
            {texts.transport === 'tls' && <Authority id={`${id}-ca`} value={texts.ca} set={set('ca')} />}
          </div>
        </details>
      )}
    </>
  );
}

const TRANSPORTS = { tls: 'TLS', tcp: 'TCP, not encrypted', udp: 'UDP, not encrypted, may be lost' };

interface FieldProps {
  id: string;
  label: string;
  value: string;
  set(value: string): void;
}

function TextField({
  id,
  label,
  value,
  set,
  placeholder,
  problem,
}: FieldProps & { placeholder: string; problem: string }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...{ id, value, placeholder }}
        aria-describedby={problem}
        onInput={({ currentTarget }) => set(currentTarget.value)}
      />
    </div>
  );
}

function ChoiceField({ id, label, value, set, options }: FieldProps & { options: Readonly<Record<string, string>> }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select {...{ id, value }} onChange={({ currentTarget }) => set(currentTarget.value)}>
        {Object.entries(options).map(([each, words]) => (
          <option key={each} value={each}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

function Authority({ id, value, set }: Omit<FieldProps, 'label'>) {
  return (
    <div class="field">
      <label for={id}>Certificate of your own authority, in PEM</label>
      <textarea {...{ id, value }} rows={4} onInput={({ currentTarget }) => set(currentTarget.value)} />
    </div>
  );
}

interface BoxesProps<T extends string> {
  legend: string;
  all: readonly T[];
  chosen: readonly T[];
  choose(chosen: readonly T[]): void;
  word(of: T): string;
}

function Boxes<T extends string>({ legend, all, chosen, choose, word }: BoxesProps<T>) {
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {all.map((each) => (
        <label key={each} class="choice-option">
          <input
            type="checkbox"
            checked={chosen.includes(each)}
            onChange={() => choose(chosen.includes(each) ? chosen.filter((one) => one !== each) : [...chosen, each])}
          />
          {word(each)}
        </label>
      ))}
    </fieldset>
  );
}
