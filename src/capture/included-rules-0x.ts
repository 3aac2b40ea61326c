import type { Attachment } from '../core/event.ts';

/** A message of the user, parted from the steering files that Kiro put into it. */
export interface PartedMessage {
  typed: string;
  rules: Attachment[];
}

const HEAD = '## Included Rules (';
const OPEN = '<user-rule id=';
const CLOSE = '</user-rule>';

/**
 * Takes the steering files out of a message: Kiro puts each under a heading of its own, between marks (kiro/README Z8). One without
 * the marks stays, because nothing says where the user's words begin. Pure.
 */
export function partRules(message: string): PartedMessage {
  const rules: Attachment[] = [];
  let typed = '';
  let from = 0;
  for (let head = nextHead(message, from); head >= 0; head = nextHead(message, from)) {
    const end = endOf(message, head);
    typed += message.slice(from, end === null ? head + HEAD.length : head);
    from = end ?? head + HEAD.length;
    if (end === null) continue;
    const block = message.slice(head, end);
    rules.push({ name: nameIn(block), type: 'steering', bytes: Buffer.byteLength(block) });
  }
  return { typed: (typed + message.slice(from)).trim(), rules };
}

/** At the beginning of a line only: inside one it is somebody's words. */
function nextHead(message: string, from: number): number {
  if (from === 0 && message.startsWith(HEAD)) return 0;
  const at = message.indexOf(`\n${HEAD}`, Math.max(0, from - 1));
  return at < 0 ? -1 : at + 1;
}

/** Where the steering file under a heading ends; null when it has no marks of its own. */
function endOf(message: string, head: number): number | null {
  const open = message.indexOf(OPEN, head);
  const next = nextHead(message, head + HEAD.length);
  const close = open < 0 || (next >= 0 && next < open) ? -1 : message.indexOf(CLOSE, open);
  return close < 0 ? null : close + CLOSE.length;
}

const MAX_NAME = 200;

function nameIn(block: string): string | null {
  const end = block.indexOf(')', HEAD.length);
  const name = end < 0 ? '' : block.slice(HEAD.length, end);
  return name === '' || name.includes('\n') ? null : name.slice(0, MAX_NAME);
}
