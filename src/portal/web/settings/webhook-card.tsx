import { useState } from 'preact/hooks';
import type { DeliveriesAnswer, Delivery, Webhook } from '../../policies/records.ts';
import { actorWords } from '../actor.ts';
import { counted } from '../format.ts';
import { Failed, Loading } from '../notices.tsx';
import { severityWord } from '../severity.tsx';
import { Ago, Time } from '../time.tsx';
import { useNow } from '../use-now.ts';
import { useResource } from '../use-resource.ts';
import { ChannelCard } from './channel-card.tsx';

/** A webhook: where it goes, whether it works, and what can be done with it. */
export function WebhookCard({ hook, changed }: { hook: Webhook; changed(): void }) {
  const api = `/api/webhooks/${encodeURIComponent(hook.id)}`;
  return (
    <ChannelCard
      place={placeOf(hook)}
      api={api}
      enabled={hook.enabled}
      trouble={troubleOf(hook)}
      turned={{ off: 'Off: nothing more is sent.', on: 'On again.' }}
      removal={{
        title: hook.url.startsWith('mailto:') ? 'Tell them no more?' : 'Remove this webhook?',
        words: 'Its secret is forgotten, and what waits for it is not sent.',
      }}
      changed={changed}
    >
      <p class="line meta">
        <span>told of {hook.severities.map((severity) => severityWord(severity).toLowerCase()).join(', ')}</span>
        <span>made by {actorWords(hook.createdBy)}</span>
        <Time iso={hook.createdAt} />
      </p>
      <Deliveries api={`${api}/deliveries`} />
    </ChannelCard>
  );
}

/** Mailboxes as people write them. */
const placeOf = ({ url }: Webhook): string => url.replace(/^mailto:/, '').replaceAll(',', ', ');

/** What is wrong, and how much waits for it. */
const troubleOf = ({ trouble, waiting }: Webhook): string | null =>
  trouble !== null && waiting > 0 ? `${trouble}, ${counted(waiting, 'notice')} waiting` : trouble;

function Deliveries({ api }: { api: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Deliveries</summary>
      {open && <DeliveryTable api={api} />}
    </details>
  );
}

function DeliveryTable({ api }: { api: string }) {
  const now = useNow();
  const { data, error, reload } = useResource<DeliveriesAnswer>(api);
  if (error !== undefined) return <Failed error={error} retry={reload} />;
  if (data === undefined) return <Loading rows={2} />;
  if (data.deliveries.length === 0) return <p class="meta">None yet: nothing was found since it was made.</p>;
  return (
    <table class="list">
      <caption class="hidden-words">The last 50 notices</caption>
      <thead>
        <tr>
          {['Made', 'Detections', 'Outcome', 'Tries'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {data.deliveries.map((delivery) => (
          <tr key={delivery.id}>
            <th scope="row">
              <Ago iso={delivery.madeAt} now={now} />
            </th>
            <td data-label="Detections">{delivery.detections}</td>
            <td data-label="Outcome">
              <Outcome delivery={delivery} />
            </td>
            <td data-label="Tries">{delivery.tries}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Outcome({ delivery: { nextAt, doneAt, trouble, tries } }: { delivery: Delivery }) {
  if (nextAt !== null) {
    return (
      <span class={tries === 0 ? '' : 'warn'}>
        {trouble ?? 'to be sent'}; next try <Time iso={nextAt} />
      </span>
    );
  }
  if (trouble !== null) return <span class="bad">given up: {trouble}</span>;
  return <span class="live">arrived {doneAt !== null && <Time iso={doneAt} />}</span>;
}
