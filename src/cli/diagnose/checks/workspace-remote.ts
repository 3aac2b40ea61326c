import { type Check, found, passed } from '../check.ts';

export const workspaceRemote: Check = {
  id: 'workspace.remote',
  title: 'every workspace is on this machine',
  why: 'In a window on another machine (WSL, SSH, a container) the agent runs there, and what it does is not captured here.',
  remedy: 'Install capsule-kiro there as well; here nothing can be done.',
  needs: ['settings.valid'],
  async run(_host, facts) {
    const { workspaces } = await facts.around();
    const remote = workspaces.filter(({ state }) => state === 'remote');
    const read = ["Kiro's lists of workspaces"];
    if (remote.length === 0) return passed(read);
    const said = remote.map(({ name, reason }) => `${name} is not covered: ${reason ?? 'remote'}`);
    return found('warn', read, said, { say: 'Install capsule-kiro on that machine, if its sessions are to be seen' });
  },
};
