/** An event on a terminal: one line of what it is, and what was taken out of it. Pure. */
import type { Bodies, CapsuleEvent, Json, Probe } from '../core/event.ts';
import type { ToldEvent } from '../relay/sent-journal.ts';
import { count } from './say.ts';

type Told = CapsuleEvent | Probe;

const NAMES: Record<Told['kind'], string> = {
  'session.started': 'session',
  'prompt.submitted': 'prompt',
  'agent.responded': 'answer',
  'agent.reasoned': 'reasoning',
  'tool.invoked': 'tool',
  'turn.ended': 'turn end',
  'capture.gap': 'gap',
  probe: 'probe',
};

/** Two lines at most, each no wider than `width`: when, what became of it, what it is; what was taken out. */
export function sayEvent({ answer, json }: ToldEvent, width: number): string {
  // As the outbox wrote it.
  const event = JSON.parse(json) as Told;
  const became = answer === null ? 'waits' : answer === 'accepted' ? 'sent' : 'refused';
  const place = event.workspace === null ? '' : `${event.workspace.name}: `;
  const refused = became === 'refused' ? ` (${answer})` : '';
  const head = `${clock(event.time)} ${became.padEnd(7)} ${NAMES[event.kind].padEnd(9)} `;
  const first = shorten(`${head}${oneLine(place + summary(event))}${refused}`, width);
  if (event.redactions.length === 0) return first;
  const rules = [...new Set(event.redactions.map(({ rule }) => rule))].join(', ');
  const taken = event.redactions.reduce((sum, each) => sum + each.count, 0);
  return `${first}\n${shorten(`${' '.repeat(head.length)}${count(taken, 'secret')} taken out: ${rules}`, width)}`;
}

/** The day on which it happened, as `2026-09-03`, by this machine's own time. */
export function dayOf({ json }: ToldEvent): string {
  const time = new Date((JSON.parse(json) as Told).time);
  const twoDigits = (n: number) => String(n).padStart(2, '0');
  return `${time.getFullYear()}-${twoDigits(time.getMonth() + 1)}-${twoDigits(time.getDate())}`;
}

/** When, whereto and with what answer it left, above the text as it left. */
export function saySent({ time, answer, destination, json }: ToldEvent): string {
  const { id, kind } = JSON.parse(json) as Told;
  return `${time}  ${destination ?? 'nobody yet'}  ${answer ?? 'waits'}  ${kind}  ${Buffer.byteLength(json)} bytes  ${id}`;
}

/** JSON as it stands, but for what a terminal would obey or be confused by: that is written as JSON can also write it. */
export function harmless(json: string): string {
  return json.replace(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Controls, and marks that turn the direction of writing around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function summary(event: Told): string {
  switch (event.kind) {
    case 'session.started':
      return configured(event.body);
    case 'prompt.submitted':
    case 'agent.responded':
      return event.body.text ?? 'without its text';
    case 'agent.reasoned':
      return event.body.text ?? (event.body.withheld ? 'kept back by Kiro' : 'without its text');
    case 'tool.invoked':
      return `${event.body.name}${ended(event.body)} ${compact(event.body.arguments)}`;
    case 'turn.ended':
      return `${event.body.reason}, ${count(event.body.counts.tools, 'tool call')}`;
    case 'capture.gap':
      return `${event.body.count === null ? 'events' : count(event.body.count, 'event')} lost (${event.body.reason})`;
    case 'probe':
      return 'of diagnose --probe; no event';
  }
}

function configured({ mcpServers, skills, steering }: Bodies['session.started']): string {
  const parts = [
    count(mcpServers.length, 'MCP server'),
    count(skills.length, 'skill'),
    count(steering.length, 'steering file'),
  ];
  return parts.join(', ');
}

function ended({ success, exitCode }: Bodies['tool.invoked']): string {
  if (success !== false) return '';
  return exitCode === null ? ' failed' : ` failed (${exitCode})`;
}

const compact = (value: Json): string => (value === null ? '' : JSON.stringify(value));

/** Enough for the widest terminal; the rest is not looked at. */
const LONGEST = 1_000;

function oneLine(text: string): string {
  return text.slice(0, LONGEST).replaceAll(/\s+/g, ' ').replace(OBEYED, '\u00b7');
}

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** By this machine's own time, as its user knows it. */
function clock(time: string): string {
  return new Date(time).toTimeString().slice(0, 8);
}
