/** The developer's own view: what was captured on this machine, and what has left it. */
import path from 'node:path';
import * as z from 'zod';
import { EVENT_KINDS } from '../core/event.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { DESTINATIONS } from '../relay/destinations.ts';
import { followDaemon } from '../relay/local-client.ts';
import { readTold } from '../relay/read-told.ts';
import type { ToldEvent, ToldFilter } from '../relay/sent-journal.ts';
import { type Answer, defineCommand, type Progress } from './command.ts';
import { count } from './say.ts';
import { dayOf, harmless, sayEvent, saySent } from './say-event.ts';
import { settingsInForce } from './settings-in-force.ts';

const LAST = 20;
/** What a pipe gets, where no terminal sets the width. */
const WIDE = 200;

export const events = defineCommand({
  usage: 'events',
  summary: 'What was captured here, and exactly what has left this machine',
  options: {
    follow: { type: 'boolean', default: false, describe: 'Go on with what comes; Ctrl+C ends it' },
    sent: { type: 'boolean', default: false, describe: 'What left this machine, byte for byte, with the answer' },
    session: { type: 'string', describe: 'Only of this session' },
    kind: { type: 'string', choices: [...EVENT_KINDS, 'probe'], describe: 'Only of this kind' },
    export: {
      type: 'string',
      describe: 'Write what waits into this file, for a portal that this machine cannot reach',
    },
    acknowledge: { type: 'string', describe: 'Take out what the portal’s receipt says it has' },
    last: { type: 'number', describe: `So many of the newest (default ${LAST}; none with --follow)` },
  },
  examples: [
    ['events', 'The last events, and which of them wait'],
    ['events --follow', 'See each as it is captured'],
    ['events --sent --last 1', 'The text of the last event as it went out'],
    ['events --export out.gz', 'Carry what waits to a portal by hand: there, portal import'],
    ['events --sent --json', 'One JSON object a line: time, answer, destination, event'],
  ],
  async run(host, args, progress) {
    const { follow, sent, session, kind, last, json } = args;
    if (args.acknowledge !== undefined || args.export !== undefined) return carry(host, args);
    const what = sent ? 'sent' : 'captured';
    const filter = { last: last ?? (follow ? 0 : LAST), session, kind };
    if (!Number.isInteger(filter.last) || filter.last < 0) {
      throw new Failure('usage', '--last must be a whole number', { hint: 'As in: capsule-kiro events --last 50' });
    }
    const tell = teller(progress, { sent, json: json === true });
    if (follow) return followEvents(host, { what, ...filter }, tell, progress);
    const told = (await askTold(host, { what, ...filter })) ?? readTold(host.own.database, what, filter);
    for (const event of told) tell(event);
    return { output: closing(host, told, sent), json: null, exitCode: 0 };
  },
});

/** To a portal that cannot be reached from here, and back. */
async function carry(host: Host, args: { export?: string | undefined; acknowledge?: string | undefined }) {
  const { acknowledgeReceipt, exportEvents, MOST_EXPORTED } = await import('./export-events.ts');
  if (args.export === undefined) return acknowledgeReceipt(host, path.resolve(args.acknowledge ?? ''));
  const asked = { what: 'captured', last: MOST_EXPORTED } as const;
  const told = (await askTold(host, asked)) ?? readTold(host.own.database, asked.what, asked);
  return exportEvents(host, path.resolve(args.export), told);
}

type Asked = ToldFilter & { what: 'captured' | 'sent' };

/** What the running daemon knows; undefined when none answers, or one that has its database closed. */
async function askTold(host: Host, asked: Asked): Promise<ToldEvent[] | undefined> {
  const told: ToldEvent[] = [];
  const never = new Promise<void>(() => {});
  const there = await followDaemon(host.own, address(asked), (line) => told.push(parseTold(line)), never);
  return there ? told : undefined;
}

async function followEvents(
  host: Host,
  asked: Asked,
  tell: (event: ToldEvent) => void,
  { stopped }: Progress,
): Promise<Answer> {
  const end = { asked: false };
  const until = stopped.then(() => {
    end.asked = true;
  });
  const there = await followDaemon(host.own, `${address(asked)}&follow=1`, (line) => tell(parseTold(line)), until);
  if (end.asked) return { output: '', json: null, exitCode: 0 };
  const message = there
    ? 'The daemon has stopped'
    : 'No daemon is running, so nothing is captured that could be followed';
  throw new Failure('daemon-down', message, { hint: 'Start it with: capsule-kiro start' });
}

function address({ what, last, session, kind }: Asked): string {
  const query = new URLSearchParams({ what, last: String(last) });
  if (session !== undefined) query.set('session', session);
  if (kind !== undefined) query.set('kind', kind);
  return `/v1/events?${query}`;
}

const Told = z.object({
  time: z.string(),
  answer: z.string().nullable(),
  /** A daemon of an older version knows one only. */
  destination: z.enum(DESTINATIONS).nullable().default('portal'),
  json: z.string(),
});

function parseTold(line: string): ToldEvent {
  return Told.parse(JSON.parse(line));
}

/** Says an event as it was asked for. The event's own text is put in as it stands, so that its bytes stay what they are. */
function teller(progress: Progress, { sent, json }: { sent: boolean; json: boolean }): (event: ToldEvent) => void {
  if (json) {
    return ({ json: text, ...about }) => {
      const head = JSON.stringify({ schemaVersion: 1, ...about });
      progress.tell(`${head.slice(0, -1)},"event":${text}}`);
    };
  }
  if (!sent) {
    let day = '';
    return (event) => {
      const of = dayOf(event);
      if (of !== day) progress.tell(of);
      day = of;
      progress.tell(sayEvent(event, progress.width ?? WIDE));
    };
  }
  return (event) => {
    progress.tell(saySent(event));
    progress.tell(progress.terminal ? harmless(event.json) : event.json);
  };
}

function closing(host: Host, told: readonly ToldEvent[], sent: boolean): string {
  if (sent && settingsInForce(host)['outbox.sentMaxBytes'] === 0) {
    return 'Nothing that is sent is kept on this machine (outbox.sentMaxBytes is 0).';
  }
  if (told.length === 0) return sent ? 'Nothing was sent yet.' : 'Nothing was captured yet.';
  const waiting = told.filter(({ answer }) => answer === null).length;
  if (sent || waiting === 0) return '';
  return `${count(waiting, 'event')} of these ${waiting === 1 ? 'waits' : 'wait'} to leave.`;
}
