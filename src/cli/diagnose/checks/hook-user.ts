import { type Check, found, passed, skipped } from '../check.ts';

export const hookUser: Check = {
  id: 'hook.user',
  title: "the user's hook for Kiro 1.x is in place",
  why: 'Without it Kiro 1.x rings for no turn; events then come with the sweep, up to 15 minutes late.',
  remedy: 'Let diagnose put it back; one that you changed only `capsule-kiro install --force` replaces.',
  needs: ['install.present', 'settings.valid'],
  async run(_host, facts) {
    const { hook } = await facts.stock();
    const { reason } = (await facts.around()).hooks;
    if (hook === null) return skipped(`not wanted: ${reason}`);
    const read = [hook.file];
    if (hook.inPlace) return passed(read, ...(hook.kept ? [hook.detail] : []), reason);
    const missing = hook.detail === 'missing';
    const fix = missing
      ? { say: 'Put it back', command: 'capsule-kiro diagnose --fix --only hook.user' }
      : { say: 'Put ours in its place, unless it is to stay off', command: 'capsule-kiro install --force' };
    return found('fail', read, [`${hook.file}: ${hook.detail}`], fix);
  },
};
