import { setImmediate } from 'node:timers/promises';
import * as z from 'zod';
import { summarise } from '../agents-api.ts';
import { type Answer, notFound, Refusal } from '../answer.ts';
import type { Person } from '../authenticate.ts';
import { detectionsAsked } from '../detections-api.ts';
import {
  ACT_GRAMMAR,
  AGENT_GRAMMAR,
  DETECTION_GRAMMAR,
  EVENT_GRAMMAR,
  type Grammar,
  SESSION_GRAMMAR,
} from '../filter/grammar.ts';
import { type ReadQuery, readFilter, type Sort } from '../filter/read-filter.ts';
import type { PortalContext } from '../portal-context.ts';
import { parse } from '../query.ts';
import { csvRow } from './csv.ts';
import {
  ACT_COLUMNS,
  AGENT_COLUMNS,
  type Columns,
  DETECTION_COLUMNS,
  EVENT_COLUMNS,
  SESSION_COLUMNS,
} from './exported.ts';
import { sendFile, TYPES } from './send-file.ts';

export const formatSchema = z.object({ format: z.enum(['jsonl', 'csv']).default('jsonl') });
type Format = z.infer<typeof formatSchema>['format'];

interface Page<T> {
  items: readonly T[];
  next: string | null;
}
interface Source<T> {
  grammar: Grammar;
  columns: Columns<T>;
  /** A row as a line of JSON. */
  asJson(row: T): object;
  /** Made once, so that all pages are of the same moment. */
  open(portal: PortalContext, org: string, asked: ReadQuery): Promise<(after: string | undefined) => Promise<Page<T>>>;
}

const PAGE = 500;
const PAGE_BYTES = 4 * 1024 * 1024;
const from = (after: string | undefined) => ({ limit: PAGE, ...(after !== undefined && { after }) });

const EVENTS: Source<Parameters<(typeof EVENT_COLUMNS)[number][1]>[0]> = {
  grammar: EVENT_GRAMMAR,
  columns: EVENT_COLUMNS,
  asJson: ({ event }) => event,
  async open({ store }, org, { filter }) {
    const newest = await store.events.newest(org);
    const page = { maxBytes: PAGE_BYTES, upTo: newest?.seq ?? 0 };
    return (after) => store.events.list(org, filter, { ...page, ...from(after) });
  },
};
const STARTED: Sort = { by: 'started', descending: true };
const SESSIONS: Source<Parameters<(typeof SESSION_COLUMNS)[number][1]>[0]> = {
  grammar: SESSION_GRAMMAR,
  columns: SESSION_COLUMNS,
  asJson: (session) => session,
  // By their start, which stays: a session that goes on meanwhile would move to the front and be missed.
  open: async (portal, org, { filter, sort = STARTED }) => {
    const stays = sort.by === 'lastEvent' ? STARTED : sort;
    return (after) => portal.store.sessions.list(org, filter, { ...from(after), sort: stays });
  },
};
const AGENTS: Source<Parameters<(typeof AGENT_COLUMNS)[number][1]>[0]> = {
  grammar: AGENT_GRAMMAR,
  columns: AGENT_COLUMNS,
  asJson: (agent) => agent,
  async open(portal, org, { filter, sort }) {
    const now = portal.now();
    return async (after) => {
      const { items, next } = await portal.store.agents.list(org, filter, now, { ...from(after), sort });
      return { items: items.map((agent) => summarise(agent, now)), next };
    };
  },
};
const DETECTIONS: Source<Parameters<(typeof DETECTION_COLUMNS)[number][1]>[0]> = {
  grammar: DETECTION_GRAMMAR,
  columns: DETECTION_COLUMNS,
  asJson: (detection) => detection,
  async open({ store }, org, asked) {
    const { filter, order } = detectionsAsked(asked);
    return (after) => store.detections.list(org, filter, { ...from(after), order });
  },
};
const ACTS: Source<Parameters<(typeof ACT_COLUMNS)[number][1]>[0]> = {
  grammar: ACT_GRAMMAR,
  columns: ACT_COLUMNS,
  asJson: (act) => act,
  open:
    async (portal, org, { filter }) =>
    (after) =>
      portal.store.acts(org, filter, from(after)),
};

/**
 * `GET /api/exports/:id` (`events`, `sessions`, `agents`, `detections`), as JSON Lines or `format=csv`: every row of the filter in the order
 * of its list, however many. Refuses (400) `query-invalid` when a part of the filter is not understood, because a file that
 * holds more than was asked for would say something false.
 */
export async function exportList(portal: PortalContext, person: Person, id: string, query: URLSearchParams) {
  if (id === 'events') return begin(portal, person, id, EVENTS, query);
  if (id === 'sessions') return begin(portal, person, id, SESSIONS, query);
  if (id === 'agents') return begin(portal, person, id, AGENTS, query);
  if (id === 'detections') return begin(portal, person, id, DETECTIONS, query);
  throw notFound('export');
}

/** `GET /api/exports/acts`, for administrators. */
export async function exportActs(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  return begin(portal, person, 'acts', ACTS, query);
}

async function begin<T>(
  portal: PortalContext,
  person: Person,
  what: string,
  source: Source<T>,
  query: URLSearchParams,
): Promise<Answer> {
  const { format } = parse(formatSchema, query);
  const asked = readFilter(source.grammar, query, portal.now());
  if (asked.misunderstood.length > 0) {
    throw new Refusal(400, 'query-invalid', `Not understood: ${asked.misunderstood.join(', ')}`);
  }
  const org = person.organisation.id;
  const time = portal.now().toISOString();
  const object = `${what}:${format}?${query.toString().slice(0, 500)}`;
  await portal.store.note(org, { time, actor: person.actor, act: 'exported', object });
  const next = await source.open(portal, org, asked);
  const name = `capsule-${what}-${time.slice(0, 19).replaceAll(':', '-')}.${format}`;
  return sendFile(portal, { name, type: TYPES[format] }, linesOf(source, format, next));
}

async function* linesOf<T>(
  { columns, asJson }: Source<T>,
  format: Format,
  pageAfter: (after: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<string> {
  const line = (row: T): string =>
    format === 'csv' ? csvRow(columns.map(([, cell]) => cell(row))) : `${JSON.stringify(asJson(row))}\n`;
  if (format === 'csv') yield csvRow(columns.map(([name]) => name));
  for (let after: string | undefined; ; ) {
    const { items, next } = await pageAfter(after);
    // A stream takes an empty text for its end.
    if (items.length > 0) yield items.map(line).join('');
    if (next === null) return;
    after = next;
    // Others are answered between two pages.
    await setImmediate();
  }
}
