import type { CapsuleEvent } from '../../core/event.ts';

/** A value that lists can be narrowed by, as some events have it. */
export interface Seen {
  field: string;
  value: string;
  label: string;
  first: CapsuleEvent;
  last: string;
}

/** Each value that these events have. */
export function seenIn(events: readonly CapsuleEvent[]): Iterable<Seen> {
  const all = new Map<string, Seen>();
  for (const event of events) {
    for (const [field, value, label] of valuesOf(event)) {
      const key = `${field} ${value}`;
      const seen = all.get(key) ?? { field, value, label, first: event, last: event.time };
      if (event.time < seen.first.time) seen.first = event;
      if (event.time > seen.last) seen.last = event.time;
      all.set(key, seen);
    }
  }
  return all.values();
}

type Found = [field: string, value: string, label: string];
function valuesOf(event: CapsuleEvent): Found[] {
  const { session, workspace, device, redactions } = event;
  const found: Found[] = [['user', device.user, device.user]];
  const add = (field: string, value: string | null) => {
    if (value !== null && value !== '') found.push([field, value, value]);
  };
  if (workspace !== null) found.push(['workspace', workspace.id, workspace.name]);
  add('model', session.model);
  add('mode', session.mode);
  for (const { rule } of redactions) add('redaction', rule);
  if (event.kind === 'tool.invoked') {
    add('tool', event.body.name);
    add('mcp', event.body.mcpServer);
  }
  if (event.kind === 'session.started') {
    for (const { name } of event.body.mcpServers) add('mcp', name);
    for (const { name } of event.body.skills) add('skill', name);
    for (const { name } of event.body.steering) add('steering', name);
  }
  return found;
}
