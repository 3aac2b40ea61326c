import { type Check, found, passed } from '../check.ts';

export const trustShadowed: Check = {
  id: 'trust.shadowed',
  title: "no workspace's own settings hide the trusted command",
  why: 'In a workspace with a list of its own Kiro 0.x does not look at yours, and asks at each turn.',
  remedy: "Add our command to the repository's list, or use Kiro 1.x; we never edit a repository's files.",
  needs: ['install.present', 'settings.valid'],
  async run(_host, facts) {
    const { workspaces } = await facts.stock();
    const shadows = workspaces.flatMap(({ shadow }) => (shadow === null ? [] : [shadow]));
    const read = ['.vscode/settings.json in each workspace'];
    const [first] = shadows;
    if (first === undefined) return passed(read);
    const said = shadows.map(({ file, detail }) => `${file}: ${detail}`);
    return found('warn', read, said, { say: first.remedy });
  },
};
