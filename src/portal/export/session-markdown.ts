/** A session as Markdown. What was captured stands in fences, so that nothing of it acts in whatever shows the file. Pure. */
import type { CapsuleEvent, Json } from '../../core/event.ts';
import type { SessionSummary, TurnSummary } from '../answers.ts';

/** The head of the file. */
export function sessionHead(session: SessionSummary): string {
  const facts = [
    `User: ${session.device.user} on ${session.device.name}`,
    ...(session.workspace === null ? [] : [`Workspace: ${session.workspace.path}`]),
    `Kiro: ${session.kiroVersion ?? session.generation}${session.model === null ? '' : `, ${session.model}`}`,
    `Started: ${session.startedAt}`,
    `Session: ${session.id}`,
  ];
  const title = session.title ?? session.firstPrompt ?? 'Untitled session';
  return `# ${inLine(title)}\n\n${facts.map((fact) => `- ${inLine(fact)}\n`).join('')}`;
}

/** A turn with its events, or events that belong to none. */
export function turnMarkdown(turn: TurnSummary | null, events: readonly CapsuleEvent[]): string {
  const head = turn === null ? '' : `\n## Turn${turn.index === null ? '' : ` ${turn.index}`}, ${turn.startedAt}\n`;
  return head + events.map(eventMarkdown).join('');
}

function eventMarkdown(event: CapsuleEvent): string {
  const say = (what: string, ...blocks: string[]) => `\n**${inLine(what)}** · ${event.time}\n${blocks.join('')}`;
  switch (event.kind) {
    case 'session.started':
      return say('Session started');
    case 'prompt.submitted':
      return say('Prompt', text(event, event.body.text));
    case 'agent.responded':
      return say(`Response${ofSubAgent(event.body.subAgent)}`, text(event, event.body.text));
    case 'agent.reasoned':
      return say('Reasoning', text(event, event.body.text));
    case 'tool.invoked': {
      const { name, subAgent, arguments: given, result } = event.body;
      const what = `Tool ${name}${ofSubAgent(subAgent)}${outcomeOf(event.body)}`;
      return say(what, part('Arguments', given), part('Result', result), cuts(event));
    }
    case 'turn.ended':
      return say(`Turn ended: ${event.body.reason}${event.body.error === undefined ? '' : `: ${event.body.error}`}`);
    case 'capture.gap':
      return say(`${event.body.count ?? 'An unknown number of'} events were lost on the device: ${event.body.reason}`);
  }
}

function outcomeOf({ exitCode, success }: Extract<CapsuleEvent, { kind: 'tool.invoked' }>['body']): string {
  if (exitCode !== null) return `, exit ${exitCode}`;
  return success === false ? ', failed' : '';
}

const ofSubAgent = (subAgent: { id: string; name: string | null } | null | undefined): string =>
  subAgent === null || subAgent === undefined ? '' : ` of the sub-agent ${subAgent.name ?? subAgent.id}`;

const text = (event: CapsuleEvent, value: string | null): string =>
  (value === null ? '\n_No text is recorded._\n' : fenced(value)) + cuts(event);

function part(name: string, value: Json): string {
  if (value === null) return '';
  return `\n${name}:\n${fenced(typeof value === 'string' ? value : JSON.stringify(value, null, 2))}`;
}

/** Says what of it stayed on the device. */
const cuts = ({ truncated = [] }: CapsuleEvent): string =>
  truncated.map(({ bytes }) => `\n_Cut on the device: the whole text had ${bytes} bytes._\n`).join('');

/** A fence longer than any in the text. */
function fenced(value: string): string {
  const longest = Math.max(2, ...[...value.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `\n${fence}text\n${seen(value)}\n${fence}\n`;
}

/** In one line, with every sign that means something in Markdown taken by its letter. */
const inLine = (value: string): string =>
  seen(value)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>()#+!|~&-]/g, '\\$&');

/** Colour or weight as terminals are told it. */
const STYLE = String.raw`\x1b\[[0-9;]{0,40}m`;

/** Colours of terminals left out, and characters that nobody sees written out, as on the page. */
const seen = (value: string): string =>
  value
    .replace(new RegExp(STYLE, 'g'), '')
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\t\n\u200d])[\p{Cc}\p{Cf}]/gu, (sign) => `‹${codeOf(sign)}›`);

const codeOf = (sign: string): string => `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
