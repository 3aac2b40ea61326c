import {
  type Bodies,
  type CapsuleEvent,
  CONTENT_LEVELS,
  type ContentLevel,
  type Json,
  type Truncation,
} from '../core/event.ts';
import { truncationOf } from './truncation.ts';

/** The level that lets the least out. */
export function strictest(first: ContentLevel, ...others: ContentLevel[]): ContentLevel {
  const rank = (level: ContentLevel) => CONTENT_LEVELS.indexOf(level);
  return others.reduce((strict, level) => (rank(level) > rank(strict) ? level : strict), first);
}

/**
 * The event without any text a person, the model or a tool wrote: names, kinds, times, sizes and hashes stay. What is
 * taken out is listed in `truncated` with its length and hash. To be applied after redaction, so that no hash is one of a secret.
 */
export function keepMetadata(event: CapsuleEvent): CapsuleEvent {
  const truncated: Truncation[] = [...(event.truncated ?? [])];
  const without = (field: string, value: Json): null => {
    if (value !== null) truncated.push(truncationOf(field, typeof value === 'string' ? value : JSON.stringify(value)));
    return null;
  };
  const session = { ...event.session, title: without('/session/title', event.session.title) };
  const stripped = stripBody({ ...event, session }, without);
  return truncated.length === 0 ? stripped : { ...stripped, truncated };
}

type Without = (field: string, value: Json) => null;

function stripBody(event: CapsuleEvent, without: Without): CapsuleEvent {
  switch (event.kind) {
    case 'session.started':
      return { ...event, body: stripInventory(event.body, without) };
    case 'prompt.submitted': {
      const { text, source, attachments } = event.body;
      const unnamed = attachments.map((item) => ({ ...item, name: null }));
      return { ...event, body: { text: without('/body/text', text), source, attachments: unnamed } };
    }
    case 'agent.responded':
      return { ...event, body: { ...event.body, text: without('/body/text', event.body.text) } };
    case 'agent.reasoned':
      return { ...event, body: { ...event.body, text: without('/body/text', event.body.text) } };
    case 'tool.invoked': {
      const { body } = event;
      const [args, result] = [without('/body/arguments', body.arguments), without('/body/result', body.result)];
      return { ...event, body: { ...body, arguments: args, result } };
    }
    case 'turn.ended': {
      const { error, ...body } = event.body;
      without('/body/error', error ?? null);
      return { ...event, body };
    }
    default:
      return event;
  }
}

function stripInventory({ changed, ...body }: Bodies['session.started'], without: Without): Bodies['session.started'] {
  const blank = (field: string, text: string) => without(field, text) ?? '';
  return {
    ...body,
    // A trust entry's name is a command.
    ...(changed && { changed: changed.map((each) => (each.what === 'trust' ? { ...each, name: '' } : each)) }),
    mcpServers: body.mcpServers.map((server, index) => ({
      ...server,
      command: without(`/body/mcpServers/${index}/command`, server.command),
    })),
    skills: body.skills.map((skill, index) => ({
      ...skill,
      description: without(`/body/skills/${index}/description`, skill.description),
    })),
    hooks: body.hooks.map((hook, index) => ({ ...hook, action: blank(`/body/hooks/${index}/action`, hook.action) })),
    trust: body.trust.map((entry, index) => ({
      ...entry,
      pattern: blank(`/body/trust/${index}/pattern`, entry.pattern),
    })),
  };
}
