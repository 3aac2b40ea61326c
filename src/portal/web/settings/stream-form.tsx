import { useState } from 'preact/hooks';
import type { MadeStreamAnswer } from '../../siem/stream.ts';
import { ApiError, postJson } from '../api.ts';
import { SEVERITY_NAMES, type SeverityName, severityWord } from '../severity.tsx';

/** As in `core/event.ts`, which is not for the page. */
const KINDS = [
  ...['session.started', 'prompt.submitted', 'agent.responded', 'agent.reasoned', 'tool.invoked', 'turn.ended'],
  'capture.gap',
];

const FIRST = {
  ...{ kind: 'syslog', host: '', port: '6514', transport: 'tls', ca: '', url: '' },
  ...{ format: 'capsule', content: 'metadata', from: 'now' },
};
type Name = keyof typeof FIRST;

/** Where a stream goes, what it sends, and in which format. */
export function StreamForm({ made }: { made(answer: MadeStreamAnswer): void }) {
  const [wish, setWish] = useState(FIRST);
  const [severities, setSeverities] = useState<readonly SeverityName[]>(SEVERITY_NAMES);
  const [kinds, setKinds] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState<string>();
  const set = (name: Name) => (value: string) => setWish((before) => ({ ...before, [name]: value }));
  const refuse = (words: string) => {
    setProblem(words);
    document.getElementById(wish.kind === 'http' ? 'stream-url' : 'stream-host')?.focus();
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    const { format, content, from } = wish;
    try {
      made(
        await postJson('/api/siem-streams', {
          destination: destinationOf(wish),
          format,
          content,
          from,
          kinds,
          severities,
        }),
      );
      setWish(FIRST);
      setProblem(undefined);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      refuse(failure.message);
    }
  };
  const field = (name: Name, label: string, placeholder = '') => (
    <div class="field">
      <label for={`stream-${name}`}>{label}</label>
      <input
        id={`stream-${name}`}
        value={wish[name]}
        placeholder={placeholder}
        aria-describedby="stream-problem"
        onInput={({ currentTarget }) => set(name)(currentTarget.value)}
      />
    </div>
  );
  const choice = (name: Name, label: string, options: Readonly<Record<string, string>>) => (
    <div class="field">
      <label for={`stream-${name}`}>{label}</label>
      <select id={`stream-${name}`} value={wish[name]} onChange={({ currentTarget }) => set(name)(currentTarget.value)}>
        {Object.entries(options).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
  return (
    <form class="webhook-form" onSubmit={submit} noValidate>
      {choice('kind', 'By', { syslog: 'Syslog (RFC 5424)', http: 'HTTP, signed batches' })}
      {wish.kind === 'http' ? (
        field('url', 'Address', 'https://siem.example.com/capsule')
      ) : (
        <>
          {field('host', 'Host', 'siem.example.com')}
          {field('port', 'Port')}
          {choice('transport', 'Transport', {
            tls: 'TLS',
            tcp: 'TCP, not encrypted',
            udp: 'UDP, not encrypted, may be lost',
          })}
        </>
      )}
      {choice('format', 'Format', { capsule: 'Capsule’s JSON', ocsf: 'OCSF 1.9.0', cloudevents: 'CloudEvents 1.0' })}
      {choice('content', 'Content of events', { metadata: 'Lengths and hashes only', full: 'As it is stored here' })}
      {choice('from', 'Beginning', { now: 'With what comes now', start: 'With all that is stored' })}
      <Boxes legend="Detections" all={SEVERITY_NAMES} chosen={severities} choose={setSeverities} word={severityWord} />
      <Boxes legend="Events" all={KINDS} chosen={kinds} choose={setKinds} word={(kind) => kind} />
      {wish.kind === 'syslog' && wish.transport === 'tls' && (
        <details>
          <summary>A certificate authority of your own</summary>
          <div class="field">
            <label for="stream-ca">Its certificate in PEM</label>
            <textarea
              id="stream-ca"
              rows={4}
              value={wish.ca}
              onInput={({ currentTarget }) => set('ca')(currentTarget.value)}
            />
          </div>
        </details>
      )}
      <p id="stream-problem" class="bad" role="alert">
        {problem}
      </p>
      <button type="submit" class="primary">
        Send there
      </button>
    </form>
  );
}

function destinationOf({ kind, host, port, transport, ca, url }: typeof FIRST): object {
  if (kind === 'http') return { kind, url: url.trim() };
  const own = transport === 'tls' && ca.trim() !== '' ? { ca: ca.trim() } : {};
  return { kind, host: host.trim(), port: Number(port), transport, ...own };
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
