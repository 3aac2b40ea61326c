import path from 'node:path';
import type { Json } from '../core/event.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { attachWorkspaces } from '../kiro/attach.ts';
import type { WorkspaceStanding } from '../kiro/attachment-state.ts';
import { workspaceWarnings } from '../kiro/attachment-warnings.ts';
import type { Change } from '../kiro/change.ts';
import { detachUnwanted } from '../kiro/unwanted.ts';
import { isWithin } from '../kiro/workspace-state.ts';
import { isInstalled, lookAround, type Surroundings, takeStock } from './bring-in-line.ts';
import { type Answer, defineCommand } from './command.ts';
import { changesAsJson, sayChanges, sayWarnings, warningsAsJson, withTilde } from './say-changes.ts';
import { changeFreely } from './settings-in-force.ts';

/** Lists what Kiro knows, and acts at once on what is to be left alone or taken in again. */
export const workspaces = defineCommand({
  usage: 'workspaces [action] [path]',
  summary: 'The workspaces Kiro knows and how each stands; leave one alone, or take it in again',
  options: {},
  positionals: {
    action: { describe: 'list (the default), exclude or include', choices: ['list', 'exclude', 'include'] },
    path: { describe: 'For exclude and include: the folder' },
  },
  examples: [
    ['workspaces', 'Attached, excluded, remote, missing, each with its reason'],
    ['workspaces exclude ~/private', 'Nothing of it is captured, its hooks are removed, none is placed'],
    ['workspaces include ~/private', 'The opposite; also puts back a hook that was deleted there'],
  ],
  async run(host, { action, path: given }) {
    if (action !== 'exclude' && action !== 'include') return list(host, await lookAround(host), []);
    if (typeof given !== 'string') throw new Failure('usage', `workspaces ${action} needs a folder`);
    const folder = path.resolve(given);
    change(host, action, folder);
    const around = await lookAround(host);
    return list(host, around, act(host, action, folder, around));
  },
});

function act(host: Host, action: 'exclude' | 'include', folder: string, around: Surroundings): Change[] {
  if (!isInstalled(host)) return [];
  if (action === 'exclude') return detachUnwanted(host, around);
  const inside = around.workspaces.filter(
    ({ state, path: root }) => state === 'local' && root !== null && isWithin(root, folder),
  );
  return attachWorkspaces(host, { hooks: around.hooks, workspaces: inside, force: true });
}

function list(host: Host, around: Surroundings, changes: readonly Change[]): Answer {
  const { workspaces: standings, warnings } = takeStock(host, around);
  const done = changes.filter(({ result }) => result !== 'already');
  const rows = standings.map((standing) => ({ ...standing, ...stateOf(standing) }));
  const lines = rows.map(({ workspace, state, reason }) => {
    const place = workspace.path === null ? workspace.uri : withTilde(workspace.path, host.home);
    return `${state.padEnd(12)} ${place}${reason === null ? '' : `  (${reason})`}`;
  });
  return {
    output: [
      ...(done.length === 0 ? [] : ['Changed:', ...sayChanges(done, host.home), '']),
      ...(lines.length === 0 ? ['Kiro has no workspace yet.'] : lines),
      ...(warnings.length === 0 ? [] : ['', ...sayWarnings(warnings, host.home)]),
    ].join('\n'),
    json: {
      workspaces: rows.map(({ workspace: { uri, path: place, name, sources }, state, reason, ...standing }): Json => {
        return {
          uri,
          path: place,
          name,
          sources,
          state,
          reason,
          warnings: warningsAsJson(workspaceWarnings(standing)),
        };
      }),
      changes: changesAsJson(done),
      warnings: warningsAsJson(warnings),
    },
    exitCode: changes.some(({ result }) => result === 'failed') ? 1 : 0,
  };
}

function stateOf({ workspace, attached, kept, detail }: WorkspaceStanding): { state: string; reason: string | null } {
  if (workspace.state !== 'local') return { state: workspace.state, reason: workspace.reason };
  return attached ? { state: 'attached', reason: kept ? detail : null } : { state: 'not attached', reason: detail };
}

function change(host: Host, action: 'exclude' | 'include', folder: string): void {
  changeFreely(host, 'workspaces.exclude', (own) => {
    const others = (own['workspaces.exclude'] ?? []).filter((each) => path.resolve(each) !== folder);
    const above = others.find((each) => isWithin(folder, path.resolve(each)));
    if (action === 'include' && above !== undefined) {
      throw new Failure('usage', `${folder} is not excluded itself but lies in ${above}, which is`, {
        hint: `Take that one in: capsule-kiro workspaces include ${above}`,
      });
    }
    const exclude = action === 'exclude' ? [...others, folder] : others;
    return { ...own, 'workspaces.exclude': exclude };
  });
}
