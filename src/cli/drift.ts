import type { UserStanding, WorkspaceStanding } from '../kiro/attachment-state.ts';
import { type AttachmentWarning, userWarnings, workspaceWarnings } from '../kiro/attachment-warnings.ts';
import type { Change } from '../kiro/change.ts';

/** What of ours is not as we made it, and was left so; the policy behind it is in ARCHITECTURE.md. */
export interface Drift {
  leftAlone: { file: string; reason: string }[];
  /** What keeps turns from ringing and only a person can put right. */
  warnings: (Omit<AttachmentWarning, 'code'> & { code: AttachmentWarning['code'] | 'not-installed' })[];
}

/** A machine may have thousands of workspaces that are all alike. */
const MOST = 50;

/** Sums up what mending left alone and how everything stands afterwards. Pure. */
export function summarizeDrift(
  mended: readonly Change[],
  user: UserStanding,
  workspaces: readonly WorkspaceStanding[],
): Drift {
  const outside = mended
    .filter(({ result }) => result === 'kept' || result === 'skipped' || result === 'failed')
    .map(({ file, detail }) => ({ file, reason: detail }));
  const inside = workspaces
    .filter(({ kept }) => kept)
    .map(({ workspace, detail }) => ({ file: workspace.path ?? workspace.uri, reason: detail }));
  // Where nothing was ever installed, nothing is missing.
  const ofUser = mended.length === 0 ? [] : userWarnings(user);
  return {
    leftAlone: [...outside, ...inside].slice(0, MOST),
    warnings: [...ofUser, ...workspaces.flatMap(workspaceWarnings)].slice(0, MOST),
  };
}
