import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';

/** Who runs this, and in whose home. */
export interface Runner {
  /** The user's number; undefined on Windows. */
  uid: number | undefined;
  homeOwner: number | undefined;
  /** The home is the one that the system names for this user, not one that was given. */
  isOwnHome: boolean;
  /** Who called `sudo`, as it says. */
  sudoUser: string | undefined;
}

/**
 * Why nothing may be installed: root in another's home would leave files there that its owner cannot change; root that is
 * somebody by `sudo` would connect a Kiro that nobody uses. undefined when it may. Pure.
 */
export function wrongUser({ uid, homeOwner, isOwnHome, sudoUser }: Runner): string | undefined {
  if (uid !== 0) return undefined;
  if (homeOwner !== undefined && homeOwner !== 0) return "this is root, and the home is another user's";
  if (isOwnHome && sudoUser !== undefined && sudoUser !== 'root') return `this is root, by the sudo of ${sudoUser}`;
  return undefined;
}

/** Throws `usage` where `wrongUser` has a reason. */
export function checkUser(host: Pick<Host, 'home' | 'env'>): void {
  const why = wrongUser({
    uid: process.getuid?.(),
    homeOwner: statSync(host.home, { throwIfNoEntry: false })?.uid,
    isOwnHome: userInfo().homedir === host.home,
    sudoUser: host.env.SUDO_USER,
  });
  if (why === undefined) return;
  throw new Failure('usage', `install connects the Kiro of whoever runs it, and ${why}`, {
    hint: 'Run it as that user, without sudo. From a management agent that is root: see "Fleets" in the README.',
  });
}
