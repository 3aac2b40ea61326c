import type { PermissionRule } from './permissions.ts';

/** Capabilities that a shell command falls under; that `builtin` and `all` contain it is assumed (kiro/README K27). */
const ABOUT_SHELL = new Set(['shell', 'builtin', 'all']);

/** Whether a shell pattern covers a text: `*` is any run of characters, every other character is itself (K28). */
export function matchesPattern(pattern: string, text: string): boolean {
  const [head = '', ...pieces] = pattern.split('*');
  const tail = pieces.pop();
  if (tail === undefined) return text === head;
  if (!text.startsWith(head) || text.length < head.length + tail.length || !text.endsWith(tail)) return false;
  let rest = text.slice(head.length, text.length - tail.length);
  for (const piece of pieces) {
    const at = rest.indexOf(piece);
    if (at < 0) return false;
    rest = rest.slice(at + piece.length);
  }
  return true;
}

/**
 * Every text that Kiro may judge when a hook's command runs. It splits commands at `;`, `&&`, `||` and `|` (K28); whether it
 * looks at a redirection is not known, so a part stands here with it and without.
 */
export function commandParts(command: string): string[] {
  const parts = command.split(/\s*(?:;|&&|\|\|?)\s*/).filter((part) => part !== '');
  return [...new Set(parts.flatMap((part) => [part, part.replace(/\s*\d?>+\s*(?:&\d|\S+)/g, '')]))];
}

/** What one set of rules says of a command; null when none is about it. Deny wins over ask, ask over allow (K27). Pure. */
export function judgeCommand(rules: readonly PermissionRule[], command: string): PermissionRule['effect'] | null {
  const parts = commandParts(command);
  const hits = (effect: PermissionRule['effect'], text: string) =>
    rules.some((rule) => rule.effect === effect && covers(rule, text));
  // Stopping one part, or the whole, stops the hook; allowing it takes all the parts.
  for (const effect of ['deny', 'ask'] as const) {
    if ([command, ...parts].some((text) => hits(effect, text))) return effect;
  }
  return parts.every((text) => hits('allow', text)) ? 'allow' : null;
}

function covers({ capability, match, exclude = [] }: PermissionRule, text: string): boolean {
  const named = match === undefined || match.some((pattern) => matchesPattern(pattern, text));
  return ABOUT_SHELL.has(capability) && named && !exclude.some((pattern) => matchesPattern(pattern, text));
}
