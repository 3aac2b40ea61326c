import { useState } from 'preact/hooks';
import type { DeliveriesAnswer, Delivery, Webhook } from '../../policies/records.ts';
import { actorWords } from '../actor.ts';
import { ApiError, changeJson, postJson } from '../api.ts';
import { ConfirmDialog } from '../dialog.tsx';
import { counted } from '../format.ts';
import { Icon } from '../icon.tsx';
import { Failed, Loading } from '../notices.tsx';
import { severityWord } from '../severity.tsx';
import { Ago, Time } from '../time.tsx';
import { useNow } from '../use-now.ts';
import { useResource } from '../use-resource.ts';

/** A webhook: where it goes, whether it works, and what can be done with it. */
export function WebhookCard({ hook, changed }: { hook: Webhook; changed(): void }) {
  const [said, setSaid] = useState('');
  const [removing, setRemoving] = useState(false);
  const api = `/api/webhooks/${encodeURIComponent(hook.id)}`;
  const act = async (work: () => Promise<string>) => {
    try {
      setSaid(await work());
    } catch (failure) {
      setSaid(failure instanceof ApiError ? failure.message : String(failure));
    }
    changed();
  };
  const test = () =>
    act(async () => {
      setSaid('Sending …');
      const { trouble } = await postJson<{ trouble: string | null }>(`${api}/test`, {});
      return trouble === null ? 'The test arrived.' : `The test did not arrive: ${trouble}.`;
    });
  const turn = () =>
    act(async () => {
      await changeJson('PATCH', api, { body: { enabled: !hook.enabled } });
      return hook.enabled ? 'Off: nothing more is sent.' : 'On again.';
    });
  const remove = () =>
    act(async () => {
      await changeJson('DELETE', api);
      return '';
    });
  return (
    <article class="webhook" aria-label={placeOf(hook)}>
      <div class="webhook-head">
        <h3 class="mono">{placeOf(hook)}</h3>
        <State hook={hook} />
        <div class="webhook-buttons">
          <button type="button" onClick={test}>
            Send a test
          </button>
          <button type="button" onClick={turn}>
            {hook.enabled ? 'Switch off' : 'Switch on'}
          </button>
          <button type="button" class="quiet" onClick={() => setRemoving(true)}>
            Remove
          </button>
        </div>
      </div>
      <p class="line meta">
        <span>told of {hook.severities.map((severity) => severityWord(severity).toLowerCase()).join(', ')}</span>
        <span>made by {actorWords(hook.createdBy)}</span>
        <Time iso={hook.createdAt} />
      </p>
      <p role="status">{said}</p>
      <Deliveries api={`${api}/deliveries`} />
      {removing && (
        <ConfirmDialog
          title={hook.url.startsWith('mailto:') ? 'Tell them no more?' : 'Remove this webhook?'}
          act="Remove"
          confirm={remove}
          close={() => setRemoving(false)}
        >
          <p>Its secret is forgotten, and what waits for it is not sent.</p>
        </ConfirmDialog>
      )}
    </article>
  );
}

/** Mailboxes as people write them. */
const placeOf = ({ url }: Webhook): string => url.replace(/^mailto:/, '').replaceAll(',', ', ');

const State = ({ hook: { enabled, trouble, waiting } }: { hook: Webhook }) => {
  if (!enabled) {
    return (
      <span class="state">
        <Icon name="missing" /> Off
      </span>
    );
  }
  return trouble === null ? (
    <span class="state state-reporting">
      <Icon name="reporting" /> On
    </span>
  ) : (
    <span class="state state-needs-attention">
      <Icon name="needs-attention" /> {trouble}
      {waiting > 0 && `, ${counted(waiting, 'notice')} waiting`}
    </span>
  );
};

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
