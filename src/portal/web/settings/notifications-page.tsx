import { useState } from 'preact/hooks';
import type { Webhook, WebhooksAnswer } from '../../policies/records.ts';

import { Empty, Failed, Loading } from '../notices.tsx';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { ShownSecret } from './shown-secret.tsx';
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
        A webhook or a mailbox is told of new detections within seconds: their policy, severity, who, and where to look,
        and never a text that was captured. Notices to webhooks are signed; what does not arrive is tried again for
        about a day.
      </p>
      <MailState from={data?.mailFrom} />
      <WebhookForm
        mail={typeof data?.mailFrom === 'string'}
        made={(answer) => {
          setMade(answer);
          reload();
        }}
      />
      {made !== undefined && made.secret !== '' && (
        <Secret key={made.webhook.id} secret={made.secret} url={made.webhook.url} />
      )}
      <h2 class="section-head">Who is told</h2>
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading rows={3} />}
      {data?.webhooks.length === 0 && (
        <Empty title="Nobody is told">
          <p>
            Detections are on their page all the same. Name an address above to have them told to a system or a person.
          </p>
        </Empty>
      )}
      {data?.webhooks.map((hook) => (
        <WebhookCard key={hook.id} hook={hook} changed={reload} />
      ))}
    </>
  );
}

const MailState = ({ from }: { from: string | null | undefined }) =>
  from === undefined ? null : (
    <p class="meta">
      {from === null ? (
        <>
          This portal sends no mail: start it with <code>--mail FILE</code> to have it do so.
        </>
      ) : (
        <>Mails come from {from}.</>
      )}
    </p>
  );

const Secret = ({ secret, url }: { secret: string; url: string }) => (
  <ShownSecret secret={secret}>
    Give it to {url}. There, compare <code>Capsule-Signature: t=…,v1=…</code> with the HMAC-SHA256, by this secret, of
    the text <code>t.body</code>, and refuse what is old. Lost it? Remove the webhook and make another.
  </ShownSecret>
);
