import { existsSync } from 'node:fs';
import path from 'node:path';
import type { KiroPaths } from '../../../kiro/paths.ts';
import { findBrokenLists } from '../../../kiro/registry-references.ts';
import type { Workspace } from '../../../kiro/workspaces.ts';
import { count } from '../../say.ts';
import { type Check, found, passed } from '../check.ts';
import { makeReadable, unreadable } from '../unreadable.ts';

export const workspacesRegistry: Check = {
  id: 'workspaces.registry',
  title: "Kiro's lists of workspaces can be read",
  why: 'Workspaces that are in no list that can be read get no hook of their own.',
  remedy: 'Give yourself the right to read them; of one that holds garbage, open its workspaces in Kiro once more.',
  needs: ['settings.valid'],
  async run({ home }, facts) {
    const { paths, workspaces } = await facts.around();
    const lists = registryPlaces(paths).filter((place) => existsSync(place));
    const closed = unreadable(lists);
    if (closed.length > 0) {
      const said = closed.map((place) => `${place} cannot be read`);
      return found('fail', lists, said, makeReadable(closed, home));
    }
    const broken = await findBrokenLists(paths);
    if (broken.length === 0) return passed(lists, ...sayCounts(workspaces));
    const said = [...broken.map(({ file, problem }) => `${file} ${problem}`), ...sayCounts(workspaces)];
    return found('warn', lists, said, {
      say: 'Open the workspaces that are missing in Kiro once more; when that does not mend the list, delete it while Kiro is closed',
    });
  },
};

/** By list and by state, as far as there are any. Pure. */
export function sayCounts(workspaces: readonly Workspace[]): string[] {
  const by = (keys: (workspace: Workspace) => readonly string[]) =>
    [...Map.groupBy(workspaces.flatMap(keys), (key) => key)].map(([key, all]) => `${all.length} ${key}`).join(', ');
  if (workspaces.length === 0) return ['no workspace was opened so far'];
  const known = count(workspaces.length, 'workspace');
  return [`${known}: ${by(({ state }) => [state])}`, `named by ${by(({ sources }) => sources)}`];
}

function registryPlaces({ userDataDirs, sessions }: KiroPaths): string[] {
  const inUserData = (userData: string) => {
    const global = path.join(userData, 'User', 'globalStorage');
    return [
      path.join(userData, 'User', 'workspaceStorage'),
      path.join(global, 'storage.json'),
      path.join(global, 'state.vscdb'),
      path.join(global, 'kiro.kiroagent', 'workspace-sessions'),
    ];
  };
  return [...userDataDirs.flatMap(inUserData), sessions];
}
