import path from 'node:path';
import { editFile, makeFolder } from '../core/careful-file.ts';
import type { Json } from '../core/event.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { parseSettings, readSettings } from '../core/settings.ts';
import { attachWorkspaces } from '../kiro/attach.ts';
import { chooseHooks } from '../kiro/hooks-to-place.ts';
import { kiroPaths } from '../kiro/paths.ts';
import { findKiro } from '../kiro/versions.ts';
import { listWorkspaces, type Workspace } from '../kiro/workspaces.ts';
import { type Answer, defineCommand } from './command.ts';
import { withTilde } from './say-changes.ts';

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
    ['workspaces exclude ~/private', 'Nothing of it is captured, and no hook is placed'],
  ],
  async run(host, { action, path: folder }) {
    if (action === 'exclude' || action === 'include') change(host, action, folder);
    return list(host);
  },
});

async function list(host: Host): Promise<Answer> {
  const settings = readSettings(host.own.settings);
  const paths = kiroPaths(host, settings);
  const hooks = chooseHooks(findKiro(host, paths, settings), settings['hooks.mode']);
  const found = await listWorkspaces(host, paths, settings);
  const rows = found.map((workspace) => ({ workspace, ...standing(host, workspace, hooks) }));
  const lines = rows.map(({ workspace, state, reason }) => {
    const place = workspace.path === null ? workspace.uri : withTilde(workspace.path, host.home);
    return `${state.padEnd(12)} ${place}${reason === null ? '' : `  (${reason})`}`;
  });
  return {
    output: lines.length === 0 ? 'Kiro has no workspace yet.' : lines.join('\n'),
    json: {
      workspaces: rows.map(({ workspace: { uri, path: place, name, sources }, state, reason }): Json => {
        return { uri, path: place, name, sources, state, reason };
      }),
    },
    exitCode: 0,
  };
}

/** A dry run of attaching tells what is missing. */
function standing(host: Host, workspace: Workspace, hooks: Parameters<typeof attachWorkspaces>[1]['hooks']) {
  if (workspace.state !== 'local') return { state: workspace.state, reason: workspace.reason };
  const changes = attachWorkspaces(host, { hooks, workspaces: [workspace], dryRun: true });
  const lacking = changes.find(({ result }) => result !== 'already');
  return lacking === undefined
    ? { state: 'attached', reason: null }
    : { state: 'not attached', reason: lacking.result === 'planned' ? 'waits for the daemon' : lacking.detail };
}

function change(host: Host, action: 'exclude' | 'include', folder: unknown): void {
  if (typeof folder !== 'string') throw new Failure('usage', `workspaces ${action} needs a folder`);
  const absolute = path.resolve(folder);
  makeFolder(host.own.home);
  editFile(host.own.settings, (before) => {
    const settings = before === undefined ? {} : parseSettings(before.toString('utf8'), host.own.settings);
    const others = (settings['workspaces.exclude'] ?? []).filter((each) => each !== absolute);
    const exclude = action === 'exclude' ? [...others, absolute] : others;
    return Buffer.from(`${JSON.stringify({ ...settings, 'workspaces.exclude': exclude }, null, 2)}\n`);
  });
}
