import { useEffect, useRef } from 'preact/hooks';
import type { EventAnswer } from '../../answers.ts';
import { withChip } from '../../filter/chips.ts';
import { CopyButton } from '../copy-button.tsx';
import { number } from '../format.ts';
import { useKeys } from '../keys.ts';
import { useMay } from '../me.ts';
import { Failed, Loading } from '../notices.tsx';
import { AUDIT, eventInSession, testAddress } from '../pages.ts';
import { go } from '../router.ts';
import { Time } from '../time.tsx';
import { KINDS } from '../timeline/kinds.ts';
import { Shown } from '../timeline/shown.tsx';
import { useResource } from '../use-resource.ts';

interface EventPanelProps {
  id: string;
  search: string;
  /** The list without the panel. */
  closed: string;
}

/** One event beside the list, whole: as it is stored, its place in the chain, and its values to filter by. */
export function EventPanel({ id, search, closed }: EventPanelProps) {
  const { data, error, reload } = useResource<EventAnswer>(`/api/events/${encodeURIComponent(id)}`);
  const head = useRef<HTMLHeadingElement>(null);
  const close = () => {
    go(closed, { stay: true });
    document.getElementById(`event-${id}`)?.focus({ preventScroll: true });
  };
  useKeys({ Escape: close });
  useEffect(() => head.current?.focus({ preventScroll: true }), [id]);
  return (
    <aside class="panel" aria-label="Event">
      <div class="panel-head">
        <h2 ref={head} tabIndex={-1}>
          {data === undefined ? 'Event' : KINDS[data.event.kind].label}
        </h2>
        <button type="button" class="quiet" onClick={close} aria-label="Close the event">
          ✕
        </button>
      </div>
      {error?.status === 404 && <p class="meta">There is no such event.</p>}
      {error !== undefined && error.status !== 404 && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading rows={4} />}
      {data !== undefined && <Whole answer={data} search={search} />}
    </aside>
  );
}

function Whole({ answer: { event, receivedAt, position }, search }: { answer: EventAnswer; search: string }) {
  const json = JSON.stringify(event, null, 2);
  const mayTest = useMay('analyst');
  const values: [string, string, string | null][] = [
    ['user', 'User', event.device.user],
    ['agent', 'Agent', event.device.id],
    ['workspace', 'Workspace', event.workspace?.name ?? null],
    ['session', 'Session', event.session.id],
    ['model', 'Model', event.session.model],
    ['tool', 'Tool', event.kind === 'tool.invoked' ? event.body.name : null],
    ['mcp', 'MCP server', event.kind === 'tool.invoked' ? event.body.mcpServer : null],
  ];
  return (
    <>
      <p class="panel-links">
        <a href={eventInSession(event.session.id, event.id)}>Open in session</a>
        {mayTest && <a href={testAddress('new', event.id)}>Test on this event</a>}
        <CopyButton text={json} what="JSON" />
      </p>
      <dl class="panel-facts">
        <dt>Time</dt>
        <dd>
          <Time iso={event.time} precise />
        </dd>
        <dt>Received</dt>
        <dd>
          <Time iso={receivedAt} precise />
        </dd>
        <dt>Chain</dt>
        <dd>{position === null ? 'stored before the chain began' : `link ${number(position)}`}</dd>
        {values.map(([name, label, value]) =>
          value === null ? null : (
            <>
              <dt>{label}</dt>
              <dd>
                <bdi class="mono">{value}</bdi>{' '}
                <a href={AUDIT + withoutOpen(withChip(search, name, value))}>
                  only<span class="hidden-words"> this {label}</span>
                </a>{' '}
                <a href={AUDIT + withoutOpen(withChip(search, name, value, true))}>
                  not<span class="hidden-words"> this {label}</span>
                </a>
              </dd>
            </>
          ),
        )}
      </dl>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <pre class="json" tabIndex={0}>
        <Shown text={json} redactions={event.redactions} />
      </pre>
    </>
  );
}

function withoutOpen(search: string): string {
  const query = new URLSearchParams(search);
  query.delete('e');
  return `?${query}`;
}
