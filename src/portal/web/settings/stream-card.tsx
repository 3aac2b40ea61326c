import { useState } from 'preact/hooks';
import type { Stream } from '../../siem/stream.ts';
import { actorWords } from '../actor.ts';
import { ApiError, changeJson, postJson } from '../api.ts';
import { ConfirmDialog } from '../dialog.tsx';
import { counted } from '../format.ts';
import { Icon } from '../icon.tsx';
import { severityWord } from '../severity.tsx';
import { Ago, Time } from '../time.tsx';
import { useNow } from '../use-now.ts';

/** A stream: where it goes, how far it is, and what can be done with it. */
export function StreamCard({ stream, changed }: { stream: Stream; changed(): void }) {
  const [said, setSaid] = useState('');
  const [removing, setRemoving] = useState(false);
  const now = useNow();
  const api = `/api/siem-streams/${encodeURIComponent(stream.id)}`;
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
      await changeJson('PATCH', api, { body: { enabled: !stream.enabled } });
      return stream.enabled ? 'Off: it waits where it is.' : 'On again, from where it was.';
    });
  const remove = () =>
    act(async () => {
      await changeJson('DELETE', api);
      return '';
    });
  return (
    <article class="webhook" aria-label={placeOf(stream)}>
      <div class="webhook-head">
        <h3 class="mono">{placeOf(stream)}</h3>
        <State stream={stream} />
        <div class="webhook-buttons">
          <button type="button" onClick={test}>
            Send a test
          </button>
          <button type="button" onClick={turn}>
            {stream.enabled ? 'Switch off' : 'Switch on'}
          </button>
          <button type="button" class="quiet" onClick={() => setRemoving(true)}>
            Remove
          </button>
        </div>
      </div>
      <p class="line meta">
        <span>{counted(stream.sent, 'message')} sent</span>
        {stream.sentAt !== null && (
          <span>
            the last one <Ago iso={stream.sentAt} now={now} />
          </span>
        )}
        <span class={stream.trouble === null ? '' : 'warn'}>{behindWords(stream.behind)}</span>
        {stream.enabled && stream.nextAt !== null && (
          <span>
            next try <Time iso={stream.nextAt} />
          </span>
        )}
        {stream.missed > 0 && <span class="bad">{counted(stream.missed, 'event')} removed by retention before</span>}
      </p>
      <p class="line meta">
        <span>{whatWords(stream)}</span>
        <span>made by {actorWords(stream.createdBy)}</span>
        <Time iso={stream.createdAt} />
      </p>
      <p role="status">{said}</p>
      {removing && (
        <ConfirmDialog title="Remove this stream?" act="Remove" confirm={remove} close={() => setRemoving(false)}>
          <p>What it has not sent yet is not sent. Everything stays stored here.</p>
        </ConfirmDialog>
      )}
    </article>
  );
}

const placeOf = ({ destination }: Stream): string =>
  destination.kind === 'http'
    ? destination.url
    : `syslog ${destination.transport} ${destination.host}:${destination.port}`;

const FORMATS = { capsule: 'Capsule’s JSON', ocsf: 'OCSF', cloudevents: 'CloudEvents' } as const;

function whatWords({ format, kinds, severities, content }: Stream): string {
  const what = [
    ...(severities.length === 0
      ? []
      : [`detections (${severities.map((each) => severityWord(each).toLowerCase()).join(', ')})`]),
    ...(kinds.length === 0 ? [] : [`events (${kinds.join(', ')}), ${content === 'full' ? 'with' : 'without'} content`]),
  ];
  return `${FORMATS[format]}: ${what.join(' and ')}`;
}

/** The portal counts to 10,000 of each. */
const behindWords = (behind: number): string =>
  behind === 0 ? 'nothing waits' : behind >= 10_000 ? 'more than 10,000 wait' : `${behind} to go`;

const State = ({ stream: { enabled, trouble } }: { stream: Stream }) => {
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
    </span>
  );
};
