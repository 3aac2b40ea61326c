import type { Standing } from '../../../kiro/attachment-state.ts';
import { type Check, found, passed, skipped } from '../check.ts';

export const trustSettings: Check = {
  id: 'trust.settings',
  title: 'Kiro 0.x runs our hook unasked',
  why: 'Kiro 0.x asks the user at each turn before it runs a command that is not trusted, or that a denylist names.',
  remedy: 'Let diagnose put a missing entry back; what a denylist or a broken file says only you can change.',
  needs: ['install.present', 'settings.valid'],
  async run(_host, facts) {
    const { trust } = await facts.stock();
    if (trust.length === 0) return skipped('no Kiro 0.x here that would have to trust it');
    const read = trust.map(({ file }) => file);
    const asks = trust.filter(({ inPlace }) => !inPlace);
    if (asks.length === 0) return passed(read, ...trust.map(({ file, detail }) => `${file}: ${detail}`));
    const said = asks.map(({ file, detail }) => `${file}: ${detail}`);
    const fix = asks.every(isMissing)
      ? { say: 'Put the entry back', command: 'capsule-kiro diagnose --fix --only trust.settings' }
      : { say: `Correct ${asks.map(({ file }) => file).join(', ')}; the entry itself install puts back` };
    return found('fail', read, said, fix);
  },
};

const isMissing = ({ detail }: Standing) => detail === 'not trusted yet';
