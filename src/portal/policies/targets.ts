import type { CapsuleEvent } from '../../core/event.ts';
import type { Targets } from './policy.ts';

/** Whether a policy is for this event. An agent is named by its id, a workspace by path or name; an empty list means every one. */
export function isTarget({ agents, users, workspaces }: Targets, { device, workspace }: CapsuleEvent): boolean {
  const any = (patterns: readonly string[], ...names: string[]) =>
    patterns.length === 0 || patterns.some((pattern) => names.some((name) => fits(pattern, name)));
  return (
    any(agents, device.id) && any(users, device.user) && any(workspaces, workspace?.path ?? '', workspace?.name ?? '')
  );
}

/** Whether the whole name fits the pattern, in which `*` stands for any text. Small and capital letters are the same. */
export function fits(pattern: string, name: string): boolean {
  const parts = pattern.toLowerCase().split('*');
  const text = name.toLowerCase();
  const [first = ''] = parts;
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  // The leftmost place is always the best one, so nothing is tried twice.
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
