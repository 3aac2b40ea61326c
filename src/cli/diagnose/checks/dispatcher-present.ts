import { type Check, found, passed } from '../check.ts';

export const dispatcherPresent: Check = {
  id: 'dispatcher.present',
  title: 'the script that hooks call is there',
  why: 'A hook that calls a missing script rings nobody, and tells the agent of Kiro 0.x about a failure each turn.',
  remedy: 'Install again; the daemon also puts it back by itself.',
  needs: ['install.present', 'settings.valid'],
  async run(_host, facts) {
    const { dispatcher } = await facts.stock();
    if (dispatcher.inPlace) return passed([dispatcher.file]);
    const fix = { say: 'Put it back', command: 'capsule-kiro diagnose --fix --only dispatcher' };
    return found('fail', [dispatcher.file], [`${dispatcher.file} is ${dispatcher.detail}`], fix);
  },
};
