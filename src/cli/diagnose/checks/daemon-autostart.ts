import { registeredServices, servicesHere } from '../../../service/service.ts';
import { describeAutostart } from '../../register-service.ts';
import { type Check, found, passed, skipped } from '../check.ts';

export const daemonAutostart: Check = {
  id: 'daemon.autostart',
  title: 'the daemon starts at login',
  why: 'Where it does not, the first turn after a login starts it; what Kiro recorded until then is read at that moment.',
  remedy: 'Install again, without `--no-service`.',
  needs: ['install.present'],
  async run(host) {
    const { kind, said } = await describeAutostart(host);
    const registered = registeredServices(host);
    const read = registered.map((service) => service.file(host));
    const again = { say: 'Register it', command: 'capsule-kiro diagnose --fix --only daemon.autostart' };
    // Switched off by hand is a decision, and is said, not mended.
    if (registered.length > 0 && kind === 'none') return skipped(said);
    if (registered.length > 1) return found('warn', read, [`${registered.length} ways are registered at once`], again);
    if (said.includes('not as this version writes it')) return found('warn', read, [said], again);
    if (kind !== 'none') return passed(read, said, 'it ends with the last logout, and comes back with the next login');
    if (servicesHere(host).length === 0) return skipped(`this machine has no way to start it: ${said}`);
    return found('warn', read, [said], again);
  },
};
