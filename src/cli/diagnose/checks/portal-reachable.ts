import { type Check, found, passed, skipped } from '../check.ts';

export const portalReachable: Check = {
  id: 'portal.reachable',
  title: 'the portal, or the proxy to it, takes connections',
  why: 'While it does not, events wait here, and leave by themselves when it does again.',
  remedy: 'Nothing to do while offline; else see that the portal runs, and that no firewall is between.',
  needs: ['portal.name'],
  async run(_host, facts) {
    const step = (await facts.portal())?.connection ?? null;
    if (step === null) return skipped('no portal is set');
    const read = ['a connection, closed again at once'];
    if (step.ok) return passed(read, `${step.said} (${step.ms} ms)`);
    return found('fail', read, [step.said], {
      say: 'Nothing to do while offline; else see that the portal runs, and that no firewall is between',
    });
  },
};
