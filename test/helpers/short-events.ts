/**
 * Events in the short form of the built-in policies' examples: `$ command`, `r path`, `w path :: text`, `d path`, `p prompt`,
 * `f address`, `m server {arguments}`, `s {session}`, `gap 12`, `end`; `=> result`, `!! redaction rule`, `@time` and `lowered` in front.
 */
import type { Bodies, CapsuleEvent, Json } from '../../src/core/event.ts';
import type { Before } from '../../src/portal/policies/facts/facts.ts';
import { makeEvent, SHA } from './portal-events.ts';

export const WORKSPACE = { id: '0123456789abcdef', path: '/home/dev/atlas-web', name: 'atlas-web' };

export interface ShortEvent {
  event: CapsuleEvent;
  before: Before;
}

export function readShort(short: string): ShortEvent {
  const lowered = /^lowered /.test(short);
  const [, time, rest = ''] = /^(?:@(\S+) )?([\s\S]*)$/.exec(short.replace(/^lowered /, '')) ?? [];
  const [said = '', rule] = rest.split(' !! ');
  const redactions = rule === undefined ? [] : [{ rule, field: '/body', count: 1, hash: 'hmac:1' }];
  const given = {
    workspace: WORKSPACE,
    redactions,
    ...(time !== undefined && { time }),
    ...(lowered && {
      source: { store: 'ide-1.x', record: null, ordinal: 1, content: 'metadata', inferred: [] } as const,
    }),
  };
  return { event: eventOf(said, given), before: { content: lowered ? 'full' : null } };
}

function eventOf(said: string, given: object): CapsuleEvent {
  const [sign = '', ...words] = said.split(' ');
  const text = words.join(' ');
  if (sign === 'p') return makeEvent('prompt.submitted', { ...given, body: { text } });
  if (sign === 'end') return makeEvent('turn.ended', given);
  if (sign === 'gap') return makeEvent('capture.gap', { ...given, body: { count: Number(text) } });
  if (sign === 's') return makeEvent('session.started', { ...given, body: sessionOf(JSON.parse(text) as Session) });
  const [asked = '', result = ''] = text.split(' => ');
  return makeEvent('tool.invoked', { ...given, body: { ...toolOf(sign, asked), result } });
}

function toolOf(sign: string, asked: string): Partial<Bodies['tool.invoked']> {
  const tool = (name: string, kind: string, args: Json) => ({ name, kind, arguments: args });
  if (sign === '$') return tool('execute_bash', 'execute', { command: asked });
  if (sign === 'r') return tool('read_file', 'read', { path: asked });
  if (sign === 'd') return tool('delete_file', 'delete', { targetFile: asked });
  if (sign === 'f') return tool('web_fetch', 'fetch', { url: asked });
  if (sign === 'w') {
    const [path = '', text = ''] = asked.split(' :: ');
    return tool('fs_write', 'edit', { path, text });
  }
  if (sign !== 'm') throw new Error(`no short event: ${sign} ${asked}`);
  const [server = '', ...args] = asked.split(' ');
  return { ...tool('call', 'other', JSON.parse(args.join(' ') || '{}') as Json), mcpServer: server };
}

interface Session {
  mcp?: Partial<Bodies['session.started']['mcpServers'][number]>[];
  trust?: Partial<Bodies['session.started']['trust'][number]>[];
  /** `+mcpServer name`, `~steering name` */
  changed?: string[];
}

function sessionOf({ mcp = [], trust = [], changed = [] }: Session): Partial<Bodies['session.started']> {
  const server = {
    name: 'x',
    scope: 'user' as const,
    commandSha256: SHA,
    disabled: false,
    envNames: [],
    headerNames: [],
  };
  return {
    mcpServers: mcp.map((each) => ({
      ...server,
      command: null,
      origin: null,
      transport: each.origin === undefined ? ('stdio' as const) : ('http' as const),
      ...each,
      autoApprove: each.autoApprove ?? [],
    })),
    trust: trust.map((each) => ({
      source: 'permissions.yaml',
      scope: 'user',
      kind: 'command',
      effect: 'allow',
      pattern: '',
      ours: false,
      ...each,
    })),
    changed: changed.map((each) => {
      const [what = '', name = ''] = each.slice(1).split(' ');
      return { what, name, scope: 'workspace', change: each.startsWith('+') ? 'added' : 'changed' } as const;
    }) as NonNullable<Bodies['session.started']['changed']>,
  };
}
