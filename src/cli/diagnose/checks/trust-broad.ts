import type { TrustEntry } from '../../../core/event.ts';
import { isDispatcherCommand } from '../../../kiro/dispatcher-command.ts';
import { readTrust } from '../../../kiro/inventory-trust.ts';
import { findSettingsFiles } from '../../../kiro/paths.ts';
import { type Check, found, passed } from '../check.ts';

export const trustBroad: Check = {
  id: 'trust.broad',
  title: 'nobody lets the agent run every command unasked',
  why: 'With such an entry, ours or not, whatever the agent is talked into runs on this machine without a question.',
  remedy: 'Name the commands that are meant in its place.',
  needs: ['settings.valid'],
  async run({ platform }, facts) {
    const { paths, workspaces } = await facts.around();
    const roots = workspaces.flatMap(({ path, state }) => (path !== null && state === 'local' ? [path] : []));
    const userSettingsFiles = paths.userDataDirs.flatMap(findSettingsFiles);
    const places = { dotKiro: paths.dotKiro, roots, userSettingsFiles, platform, isOurs: isDispatcherCommand };
    const broad = (await readTrust(places)).filter(isBroad);
    const read = [...userSettingsFiles, paths.userSettings, 'the settings and permissions of each workspace'];
    if (broad.length === 0) return passed(read);
    const said = broad.map(({ source, scope, pattern }) => `${source} (${scope}) allows ${pattern}`);
    return found('warn', read, said, { say: 'Take that entry out, and name the commands that are meant' });
  },
};

const BROAD = new Set(['*', 'all: *', 'builtin: *', 'shell: *']);

/** Whether an entry of Kiro's lists or rules allows every command. Pure. */
export function isBroad({ effect, pattern, kind }: Pick<TrustEntry, 'effect' | 'pattern' | 'kind'>): boolean {
  return effect === 'allow' && kind !== 'tool' && BROAD.has(pattern);
}
