import { type Check, found, passed, skipped } from '../check.ts';

export const portalName: Check = {
  id: 'portal.name',
  title: 'the name of the portal, or of the proxy to it, is known',
  why: 'Without an address for the name no connection can be tried; events wait here.',
  remedy: 'Nothing to do while offline; else check `portal.url` and `proxy.url`, and the VPN that knows the name.',
  needs: ['settings.valid'],
  async run(_host, facts) {
    const look = await facts.portal();
    if (look?.name === undefined || look.name === null) return skipped('no portal is set');
    const { ok, said, ms } = look.name;
    const read = ['the resolver of this system'];
    if (ok) return passed(read, `${said} (${ms} ms)`);
    return found('fail', read, [said], {
      say: 'Nothing to do while offline; else check portal.url and proxy.url: capsule-kiro config, and the VPN that knows the name',
    });
  },
};
