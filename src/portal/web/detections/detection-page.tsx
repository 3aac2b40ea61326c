import { useState } from 'preact/hooks';
import type { ListedEvent } from '../../answers.ts';
import type {
  Clause,
  DetectionAnswer,
  DetectionGroupsAnswer,
  DetectionStep,
  DetectionsAnswer,
  StoredDetection,
} from '../../policies/records.ts';
import { actorWords } from '../actor.ts';
import { useKeys } from '../keys.ts';
import { useLive } from '../live.ts';
import { useAccount, useMay } from '../me.ts';
import { NeighbourLinks } from '../neighbour-links.tsx';
import { Empty, Failed, Loading } from '../notices.tsx';
import {
  DETECTIONS,
  detectionAddress,
  eventInSession,
  policyAddress,
  testAddress,
  versionAddress,
  withQuery,
} from '../pages.ts';
import { go } from '../router.ts';
import { Severity } from '../severity.tsx';
import { Time } from '../time.tsx';
import { EventCard } from '../timeline/event-card.tsx';
import { MAX_KNOWN, useOrder } from '../use-order.ts';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import type { Change } from './change.ts';
import { Clauses } from './clauses.tsx';
import { CloseDialog } from './close-dialog.tsx';
import { EvidenceShown } from './evidence.ts';
import { NoteForm } from './note-form.tsx';
import { Similar } from './similar.tsx';
import { detectionsQuery, REASONS, type Reason, STATE_WORDS, stateWords } from './states.ts';
import { UndoToast } from './undo-toast.tsx';
import { type Changes, useChanges } from './use-changes.ts';

/** What was found, why, and what was decided? */
export function DetectionPage({ id, search }: { id: string; search: string }) {
  const { data, error, reload } = useResource<DetectionAnswer>(`/api/detections/${encodeURIComponent(id)}`);
  const changes = useChanges(reload);
  useTitle(data?.detection.policyName ?? 'Detection');
  useLive((message) => {
    if (message === undefined || (message.detections ?? 0) > 0) reload();
  });
  if (error?.status === 404) {
    return (
      <Empty title="There is no such detection">
        <p>It may belong to another organisation, or the link was not copied whole.</p>
        <a href={DETECTIONS}>Go to the detections</a>
      </Empty>
    );
  }
  return (
    <>
      <nav class="crumbs" aria-label="Where this is">
        <a href={`${DETECTIONS}${search}`} data-back>
          Detections
        </a>
      </nav>
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading />}
      {data !== undefined && <Detection answer={data} search={search} changes={changes} />}
      <UndoToast done={changes.done} forget={changes.forget} />
    </>
  );
}

interface DetectionProps {
  answer: DetectionAnswer;
  search: string;
  changes: Changes;
}

function Detection({ answer: { detection, history }, search, changes }: DetectionProps) {
  const [closing, setClosing] = useState(false);
  const mayChange = useMay('analyst');
  const account = useAccount();
  const listed = withQuery('/api/detections', detectionsQuery(search), 'limit', String(MAX_KNOWN));
  const order = useOrder(listed, detection.id, idsOf);
  const change = (wanted: Change) => void changes.change([detection], wanted);
  const to = (id: string | undefined) => {
    if (id !== undefined) go(detectionAddress(id, search), { replace: true });
  };
  useKeys({
    j: () => to(order.next),
    k: () => to(order.previous),
    ...(mayChange && {
      a: () => change({ assignee: account }),
      r: () => change({ state: 'in_review' }),
      c: () => setClosing(true),
      u: () => changes.done?.undo(),
    }),
  });
  return (
    <>
      <div class="page-head">
        <h1>{detection.policyName}</h1>
        <Severity severity={detection.severity} />
        <span class="tag">{stateWords(detection)}</span>
        {detection.retrospective && <span class="tag">retrospective</span>}
        <div class="head-action">
          <NeighbourLinks order={order} addressOf={(id) => detectionAddress(id, search)} />
        </div>
      </div>
      <Facts detection={detection} />
      {changes.problem !== undefined && (
        <p class="attention" role="alert">
          {changes.problem}
        </p>
      )}
      {mayChange && <Buttons detection={detection} change={change} close={() => setClosing(true)} account={account} />}
      <EvidenceSection detection={detection} />
      {mayChange && <NoteForm note={(text) => changes.change([detection], { note: text })} />}
      <History detection={detection} history={history} />
      <Similar detection={detection} />
      {closing && (
        <CloseDialog
          count={1}
          exclude={excludeOf(detection)}
          close={() => setClosing(false)}
          decide={(wanted) => {
            setClosing(false);
            change(wanted);
          }}
        />
      )}
    </>
  );
}

const idsOf = ({ detections, groups = [] }: Partial<DetectionsAnswer & DetectionGroupsAnswer>): string[] =>
  (detections ?? groups.map(({ detection }) => detection)).map(({ id }) => id);

/** Ids of the organisation's own policies begin with `pol_`. */
const excludeOf = ({ id, policy }: StoredDetection) => ({
  ...{ policy, detection: id, builtIn: !policy.startsWith('pol_') },
});

const Facts = ({ detection }: { detection: StoredDetection }) => (
  <p class="line meta">
    <span>
      <a href={versionAddress(detection.policy, detection.policyVersion)}>version {detection.policyVersion}</a> of{' '}
      <a href={policyAddress(detection.policy)}>the policy</a>
    </span>
    <span>{detection.user}</span>
    {detection.workspace !== null && <span class="mono">{detection.workspace}</span>}
    <Time iso={detection.time} />
    <span>assigned to {detection.assignee ?? 'nobody'}</span>
    <a href={eventInSession(detection.session, detection.event)}>Open in session</a>
    <a href={testAddress(detection.policy, detection.event)}>Test the policy on this event</a>
  </p>
);

interface ButtonsProps {
  detection: StoredDetection;
  account: string;
  change(change: Change): void;
  close(): void;
}

const Buttons = ({ detection: { state, assignee }, account, change, close }: ButtonsProps) => {
  const isDone = state === 'closed' || state === 'false_positive';
  return (
    <div class="bulk">
      {isDone || state === 'withdrawn' ? (
        <button type="button" onClick={() => change({ state: 'open' })}>
          Reopen
        </button>
      ) : (
        <>
          <button type="button" class="primary" onClick={close}>
            Close …
          </button>
          {state === 'open' && (
            <button type="button" onClick={() => change({ state: 'in_review' })}>
              In review
            </button>
          )}
        </>
      )}
      {assignee === account ? (
        <button type="button" onClick={() => change({ assignee: null })}>
          Give it back
        </button>
      ) : (
        <button type="button" onClick={() => change({ assignee: account })}>
          Assign to me
        </button>
      )}
    </div>
  );
};

function EvidenceSection({ detection }: { detection: StoredDetection }) {
  const { data, error, reload } = useResource<{ events: ListedEvent[]; clauses: Clause[] }>(
    `/api/detections/${encodeURIComponent(detection.id)}/context`,
  );
  return (
    <section aria-labelledby="evidence-title">
      <h2 id="evidence-title" class="section-head">
        Evidence
      </h2>
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading rows={4} />}
      {data?.events.length === 0 && <p class="meta">Its events are not stored any more.</p>}
      <EvidenceShown.Provider value={detection.evidence}>
        <div class="timeline">
          {data?.events.map((event) => (
            <EventCard
              key={event.id}
              listed={event}
              marked={detection.evidence.some((each) => each.event === event.id)}
              device={detection.agent}
            />
          ))}
        </div>
      </EvidenceShown.Provider>
      {data !== undefined && data.clauses.length > 0 && <Why clauses={data.clauses} />}
    </section>
  );
}

const Why = ({ clauses }: { clauses: Clause[] }) => (
  <details class="why">
    <summary>Why: what each part of the rule says of this event</summary>
    <Clauses clauses={clauses} />
  </details>
);

const History = ({ detection, history }: { detection: StoredDetection; history: DetectionStep[] }) => (
  <section aria-labelledby="history-title">
    <h2 id="history-title" class="section-head">
      History
    </h2>
    <ol class="history">
      <li>
        <Time iso={detection.foundAt} /> <span>found by version {detection.policyVersion}</span>
      </li>
      {history.map(({ version, at, by, change, note }) => (
        <li key={version}>
          <Time iso={at} /> <strong>{actorWords(by)}</strong> <span>{stepWords(change)}</span>
          {note !== '' && <bdi class="note">{note}</bdi>}
        </li>
      ))}
    </ol>
  </section>
);

function stepWords({ state, reason, assignee }: DetectionStep['change']): string {
  const words: string[] = [];
  if (state !== undefined) {
    words.push(STATE_WORDS[state].toLowerCase() + (reason ? ` as ${REASONS[reason as Reason]?.toLowerCase()}` : ''));
  }
  if (assignee !== undefined) words.push(assignee === null ? 'assigned to nobody' : `assigned to ${assignee}`);
  return words.length === 0 ? 'noted' : words.join(', ');
}
