import { shellProxy, withoutPassword } from '../../shell-proxy.ts';
import { type Check, found, passed } from '../check.ts';

export const portalProxy: Check = {
  id: 'portal.proxy',
  title: 'the proxy that this machine needs is the one we use',
  why: 'A daemon that starts at login sees no shell, so the proxy has to be in our settings.',
  remedy: 'Set it: `capsule-kiro config set proxy.url --stdin`, or install again from a shell that names it.',
  needs: ['settings.valid'],
  async run({ env, own }, facts) {
    const settings = facts.settings();
    const read = [own.settings, 'HTTPS_PROXY, HTTP_PROXY and NO_PROXY in this shell'];
    const look = await facts.portal();
    const { 'proxy.url': named } = shellProxy(env, settings);
    // A portal on this machine is reached without one in any case.
    const works = look === null || look.answer?.ok === true;
    if (typeof named === 'string' && !works) {
      return found('warn', read, [`this shell names ${withoutPassword(named)}, our settings none`], {
        say: 'Take it into the settings, by installing again from this shell',
        command: 'capsule-kiro install',
      });
    }
    const set = settings['proxy.url'];
    if (set === null) return passed(read, 'none is set');
    const used = look?.proxy === null ? 'is set, and not used for this portal' : 'is used';
    return passed(read, `${withoutPassword(set)} ${used}`);
  },
};
