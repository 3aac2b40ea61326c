import { findLeftovers } from '../../../kiro/leftovers.ts';
import { type Check, found, passed } from '../check.ts';

export const installLeftovers: Check = {
  id: 'install.leftovers',
  title: 'nothing of an older install lies around',
  why: 'What our record does not know rings twice at best, and `uninstall` does not take it away.',
  remedy: 'Install again, which takes in what is its own; delete by hand what is named still.',
  needs: ['install.present', 'settings.valid'],
  async run(_host, facts) {
    const { paths, workspaces } = await facts.around();
    const recorded = facts.record();
    const known = new Set(recorded.map(({ file }) => file));
    const strange = findLeftovers(paths, workspaces, recorded).filter(({ file }) => !known.has(file));
    const read = [paths.userHooks, paths.scripts, ...paths.userDataDirs, 'the hook folder of each workspace'];
    if (strange.length === 0) return passed(read, `${known.size} files of ours, all in the record`);
    const said = strange.map(({ file, what }) => `${file}: ${what}, which our record does not know`);
    return found('warn', read, said, { say: 'Delete it by hand, unless it came with a repository' });
  },
};
