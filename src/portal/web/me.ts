import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { MeAnswer } from '../answers.ts';
import { ROLES, type Role } from '../roles.ts';

/** Who is signed in; set around every page. */
export const Me = createContext<MeAnswer | undefined>(undefined);

/** Whether who is signed in may do what needs this role. What it may not do is not offered; the server refuses it in any case. */
export function useMay(role: Role): boolean {
  const me = useContext(Me);
  return me !== undefined && ROLES.indexOf(me.role) >= ROLES.indexOf(role);
}

/** The one device whose data who is signed in may see; null: the organisation's. */
export const useOwnDevice = (): string | null => useContext(Me)?.device ?? null;

/**
 * The address, for who may see the whole organisation. For others what is always there and small stands for nothing, because a
 * hook cannot be left out.
 */
export const useUnlessOwn = (address: string): string => (useOwnDevice() === null ? address : '/api/health');

/** The name of who is signed in. */
export const useAccount = (): string => useContext(Me)?.account ?? '';
