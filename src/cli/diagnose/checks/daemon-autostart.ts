import { type AtLogin, registeredServices, servicesHere } from '../../../service/service.ts';
import { describeAutostart, isDeclined } from '../../register-service.ts';
import { type Check, found, passed, skipped } from '../check.ts';

export const daemonAutostart: Check = {
  id: 'daemon.autostart',
  title: 'the daemon starts at login',
  why: 'Where it does not, the first turn after a login starts it; what Kiro recorded until then is read at that moment.',
  remedy: 'Register it: `capsule-kiro install --service`.',
  needs: ['install.present'],
  async run(host) {
    const { kind, said } = await describeAutostart(host);
    const registered = registeredServices(host);
    const read = registered.map((service) => service.file(host));
    const again = { say: 'Register it', command: 'capsule-kiro diagnose --fix --only daemon.autostart' };
    const [service] = registered;
    if (service === undefined) {
      if (isDeclined(host.own)) return skipped(said);
      if (servicesHere(host).length === 0) return skipped(`this machine has no way to start it: ${said}`);
      return found('warn', read, [said], again);
    }
    // Switched off by hand is a decision, and is said, not mended.
    if (kind === 'none') return skipped(said);
    if (registered.length > 1) return found('warn', read, [`${registered.length} ways are registered at once`], again);
    if (said.includes('not as this version writes it')) return found('warn', read, [said], again);
    const atLogin = await service.ask(host);
    if (atLogin.starts === false) return found('warn', read, [`it is registered, but ${atLogin.said}`], again);
    return passed(read, said, atLogin.said, sayLogout(atLogin));
  },
};

function sayLogout({ outlivesLogout }: AtLogin): string {
  if (outlivesLogout === true) return 'it goes on after a logout: this user lingers';
  const unknown = outlivesLogout === null ? 'it may end' : 'it ends';
  return `${unknown} with the last logout, as Kiro does, and comes back with the next login`;
}
