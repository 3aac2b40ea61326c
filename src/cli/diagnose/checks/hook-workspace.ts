import type { WorkspaceStanding } from '../../../kiro/attachment-state.ts';
import { count } from '../../say.ts';
import { shellPath } from '../../shell-path.ts';
import { type Check, type Fix, found, passed, skipped } from '../check.ts';

export const hookWorkspace: Check = {
  id: 'hook.workspace',
  title: 'every local workspace rings',
  why: 'A turn in a workspace without a hook rings nobody; its events come with the sweep, up to 15 minutes late.',
  remedy:
    'Put the hook back with `capsule-kiro workspaces include FOLDER`, or all with `capsule-kiro install --force`.',
  needs: ['install.present', 'settings.valid'],
  async run({ home }, facts) {
    const { workspaces } = await facts.stock();
    const { hooks } = await facts.around();
    const local = workspaces.filter(({ workspace }) => workspace.state === 'local');
    if (local.length === 0) return skipped('Kiro knows no workspace on this machine');
    const read = ['.kiro/hooks in each workspace'];
    // Where the user's hook is all there is, that it is missing is told there.
    const own = hooks.workspace0x || hooks.workspace1x;
    const silent = own ? local.filter(({ attached }) => !attached) : [];
    const kept = local
      .filter((standing) => standing.kept)
      .map(({ workspace }) => `${workspace.path}: changed by its user, left so`);
    if (silent.length === 0) return passed(read, `${count(local.length, 'workspace')} attached`, ...kept);
    const said = silent.map(({ workspace, detail }) => `${workspace.path ?? workspace.uri}: ${detail}`);
    return found('fail', read, said, fixFor(silent, home));
  },
};

function fixFor(silent: readonly WorkspaceStanding[], home: string): Fix {
  const [only, ...others] = silent.flatMap(({ workspace }) => (workspace.path === null ? [] : [workspace.path]));
  if (only !== undefined && others.length === 0) {
    return { say: 'Put the hook back', command: `capsule-kiro workspaces include ${shellPath(only, home)}` };
  }
  return { say: 'Put the hooks back', command: 'capsule-kiro install --force' };
}
