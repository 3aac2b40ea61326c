import { useState } from 'preact/hooks';
import type { Webhook } from '../../policies/records.ts';
import { ApiError, postJson } from '../api.ts';
import { SEVERITY_NAMES, type SeverityName, severityWord } from '../severity.tsx';

interface FormProps {
  /** Whether this portal sends mails. */
  mail: boolean;
  made(answer: { webhook: Webhook; secret: string }): void;
}

/** Mail addresses, one or several, are a channel of their own. */
function asChannel(typed: string): string {
  const text = typed.trim();
  return text.includes('@') && !text.includes(':') ? `mailto:${text.split(/[\s,;]+/).join(',')}` : text;
}

/** Where notices are sent, and of which severities. */
export function WebhookForm({ mail, made }: FormProps) {
  const [url, setUrl] = useState('');
  const [severities, setSeverities] = useState<readonly SeverityName[]>(['critical', 'high']);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (url.trim() === '') return refuse('Write where notices are sent: https://…, or e-mail addresses');
    if (severities.length === 0) return refuse('Choose one severity at least');
    try {
      made(await postJson('/api/webhooks', { url: asChannel(url), severities }));
      setUrl('');
      setProblem(undefined);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      refuse(failure.message);
    }
  };
  const refuse = (words: string) => {
    setProblem(words);
    document.getElementById('webhook-url')?.focus();
  };
  const toggle = (severity: SeverityName) =>
    setSeverities((before) =>
      before.includes(severity) ? before.filter((each) => each !== severity) : [...before, severity],
    );
  return (
    <form class="webhook-form" onSubmit={submit} noValidate>
      <div class="field">
        <label for="webhook-url">Address</label>
        <input
          id="webhook-url"
          inputMode="url"
          placeholder={
            mail ? 'https://siem.example.com/capsule or soc@example.com' : 'https://siem.example.com/capsule'
          }
          value={url}
          aria-invalid={problem !== undefined}
          aria-describedby="webhook-problem"
          onInput={({ currentTarget }) => setUrl(currentTarget.value)}
        />
        <p id="webhook-problem" class="bad" role="alert">
          {problem}
        </p>
      </div>
      <fieldset class="choice">
        <legend>Told of</legend>
        {SEVERITY_NAMES.map((severity) => (
          <label key={severity} class="choice-option">
            <input type="checkbox" checked={severities.includes(severity)} onChange={() => toggle(severity)} />
            {severityWord(severity)}
          </label>
        ))}
      </fieldset>
      <button type="submit" class="primary">
        Tell them
      </button>
    </form>
  );
}
