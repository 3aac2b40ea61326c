import { useState } from 'preact/hooks';
import type { Webhook } from '../../policies/records.ts';
import { ApiError, postJson } from '../api.ts';
import { SEVERITY_NAMES, type SeverityName, severityWord } from '../severity.tsx';

/** Where notices are sent, and of which severities. */
export function WebhookForm({ made }: { made(answer: { webhook: Webhook; secret: string }): void }) {
  const [url, setUrl] = useState('');
  const [severities, setSeverities] = useState<readonly SeverityName[]>(['critical', 'high']);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (url.trim() === '') return refuse('Write where notices are sent: https://…');
    if (severities.length === 0) return refuse('Choose one severity at least');
    try {
      made(await postJson('/api/webhooks', { url: url.trim(), severities }));
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
          type="url"
          inputMode="url"
          placeholder="https://siem.example.com/capsule"
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
        Make webhook
      </button>
    </form>
  );
}
