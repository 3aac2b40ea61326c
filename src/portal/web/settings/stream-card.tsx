import { useRef, useState } from 'preact/hooks';
import type { Stream } from '../../siem/stream.ts';
import { actorWords } from '../actor.ts';
import { ApiError, postJson } from '../api.ts';
import { ConfirmDialog } from '../dialog.tsx';
import { counted } from '../format.ts';
import { severityWord } from '../severity.tsx';
import { Ago, Time } from '../time.tsx';
import { useNow } from '../use-now.ts';
import { ChannelCard } from './channel-card.tsx';
import { StreamEdit } from './stream-form.tsx';
import { StreamSecret } from './stream-secret.tsx';

/** A stream: where it goes, how far it is, and what can be done with it. */
export function StreamCard({ stream, changed }: { stream: Stream; changed(): void }) {
  const [open, setOpen] = useState<'edit' | 'secret'>();
  const [secret, setSecret] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const editButton = useRef<HTMLButtonElement>(null);
  const api = `/api/siem-streams/${encodeURIComponent(stream.id)}`;
  const close = () => setOpen(undefined);
  const closeEdit = () => {
    close();
    editButton.current?.focus();
  };
  const renew = async () => {
    try {
      setSecret((await postJson<{ secret: string }>(`${api}/secret`, {})).secret);
      setProblem(undefined);
      setOpen(undefined);
      changed();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setProblem(failure.message);
    }
  };
  return (
    <ChannelCard
      place={stream.name === '' ? placeOf(stream) : stream.name}
      api={api}
      enabled={stream.enabled}
      trouble={stream.trouble}
      turned={{ off: 'Off: it waits where it is.', on: 'On again, from where it was.' }}
      removal={{
        title: 'Remove this stream?',
        words: 'What it has not sent yet is not sent. Everything stays stored here.',
      }}
      changed={changed}
      buttons={
        <>
          <button type="button" ref={editButton} aria-expanded={open === 'edit'} onClick={() => setOpen('edit')}>
            Edit
          </button>
          {stream.destination.kind === 'http' && (
            <button type="button" onClick={() => setOpen('secret')}>
              New secret
            </button>
          )}
        </>
      }
    >
      <HowFar stream={stream} />
      <p class="line meta">
        {stream.name !== '' && <span class="mono">{placeOf(stream)}</span>}
        <span>{whatWords(stream)}</span>
        <span>made by {actorWords(stream.createdBy)}</span>
        <Time iso={stream.createdAt} />
      </p>
      {secret !== undefined && <StreamSecret secret={secret} />}
      {open === 'edit' && (
        <StreamEdit
          {...{ stream, api }}
          close={closeEdit}
          saved={() => {
            closeEdit();
            changed();
          }}
        />
      )}
      {open === 'secret' && (
        <ConfirmDialog {...{ problem }} title="Make a new secret?" act="Make it" confirm={renew} close={close}>
          <p>
            It is shown once, and signs what comes from now on. A receiver that checks signatures refuses that until it
            has the new secret, and gets it then.
          </p>
        </ConfirmDialog>
      )}
    </ChannelCard>
  );
}

function HowFar({ stream }: { stream: Stream }) {
  const now = useNow();
  const { sent, sentAt, behind, waitingSince, trouble, tries, enabled, nextAt, missed } = stream;
  return (
    <p class="line meta">
      <span>{counted(sent, 'message')} sent</span>
      {sentAt !== null && (
        <span>
          the last one <Ago iso={sentAt} now={now} />
        </span>
      )}
      <span class={trouble === null ? '' : 'warn'}>{behindWords(behind)}</span>
      {waitingSince !== null && (
        <span>
          the first of it came <Ago iso={waitingSince} now={now} />
        </span>
      )}
      {tries > 0 && <span class="warn">{tries === 1 ? 'failed once' : `failed ${tries} times`}</span>}
      {enabled && nextAt !== null && (
        <span>
          next try <Time iso={nextAt} />
        </span>
      )}
      {missed > 0 && <span class="bad">{counted(missed, 'event')} removed by retention before</span>}
    </p>
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
