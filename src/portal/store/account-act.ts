import type { Role } from '../roles.ts';
import type { Account } from './store.ts';

/** What an act on an account is called. */
export function actOf(before: Account, role: Role, disabled: boolean): string {
  if (disabled !== (before.disabledAt !== null)) return disabled ? 'disabled' : 'enabled';
  return `changed the role from ${before.role} to ${role} of`;
}
