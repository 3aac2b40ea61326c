import { useState } from 'preact/hooks';
import type { Webhook, WebhooksAnswer } from '../../policies/records.ts';
import { CopyButton } from '../copy-button.tsx';
import { Empty, Failed, Loading } from '../notices.tsx';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { WebhookCard } from './webhook-card.tsx';
import { WebhookForm } from './webhook-form.tsx';

/** Who is told of detections, and does it arrive? */
export function NotificationsPage() {
  useTitle('Notifications');
  const { data, error, reload } = useResource<WebhooksAnswer>('/api/webhooks');
  const [made, setMade] = useState<{ webhook: Webhook; secret: string }>();
  return (
    <>
      <div class="page-head">
        <h1>Notifications</h1>
      </div>
      <p class="lead">
        A webhook is told of new detections within seconds: their policy, severity, session and address, and never a
        text that was captured. Each notice is signed; what does not arrive is tried again for about a day.
      </p>
      <WebhookForm
        made={(answer) => {
          setMade(answer);
          reload();
        }}
      />
      {made !== undefined && <Secret key={made.webhook.id} secret={made.secret} url={made.webhook.url} />}
      <h2 class="section-head">Webhooks</h2>
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading rows={3} />}
      {data?.webhooks.length === 0 && (
        <Empty title="Nobody is told">
          <p>Detections are on their page all the same. Make a webhook above to have them told to another system.</p>
        </Empty>
      )}
      {data?.webhooks.map((hook) => (
        <WebhookCard key={hook.id} hook={hook} changed={reload} />
      ))}
    </>
  );
}

const Secret = ({ secret, url }: { secret: string; url: string }) => (
  <section class="steps" aria-label="The secret">
    <h2>The secret, shown this once</h2>
    <p class="command-line">
      <code class="command">{secret}</code> <CopyButton text={secret} what="the secret" />
    </p>
    <p class="meta">
      Give it to {url}. There, compare <code>Capsule-Signature: t=…,v1=…</code> with the HMAC-SHA256, by this secret, of
      the text <code>t.body</code>, and refuse what is old. Lost it? Remove the webhook and make another.
    </p>
  </section>
);
