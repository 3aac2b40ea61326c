import type { Targets } from '../../policies/policy.ts';

/** `Everybody`, or whom a policy is for in few words. Pure. */
export function targetWords({ agents, users, workspaces }: Targets): string {
  const parts = [named('agent', agents), named('user', users), named('workspace', workspaces)];
  const words = parts.filter((part) => part !== '').join(', ');
  return words === '' ? 'Everybody' : words;
}

function named(what: string, [first, ...others]: readonly string[]): string {
  if (first === undefined) return '';
  return others.length === 0 ? `${what} ${first}` : `${what}s ${first} and ${others.length} more`;
}

/** Patterns as a person writes them: one a line, or with commas between. Pure. */
export const readPatterns = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
