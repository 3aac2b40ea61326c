import type { InstallerState } from '../administration-answers.ts';
import type { StoredInstaller } from '../store/installer-store.ts';

/** Whether it can still enrol a device at this moment, and if not, why. Pure. */
export function installerState({ code }: Pick<StoredInstaller, 'code'>, now: Date): InstallerState {
  if (code.revokedAt !== null) return 'revoked';
  if (code.maxUses !== null && code.uses >= code.maxUses) return 'used-up';
  return Date.parse(code.expiresAt) <= now.getTime() ? 'expired' : 'active';
}
