import { type Check, found, passed, skipped } from '../check.ts';

const THIS_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);

export const portalTls: Check = {
  id: 'portal.tls',
  title: 'the portal proves who it is',
  why: 'To a portal with a certificate that is not trusted nothing is sent; without one at all, everybody on the way can read along.',
  remedy:
    'Name the authority: `capsule-kiro config set portal.caFile FILE`; behind an inspecting proxy, the one of the proxy.',
  needs: ['portal.reachable'],
  async run(_host, facts) {
    const look = await facts.portal();
    if (look === null) return skipped('no portal is set');
    const read = ['the certificate that the portal shows'];
    if (look.portal.protocol === 'http:') {
      if (THIS_MACHINE.has(look.portal.hostname)) return passed(read, 'not needed: the portal is on this machine');
      return found('warn', read, [`${look.portal.origin} is not encrypted`], { say: 'Use an address with https://' });
    }
    const step = look.certificate;
    if (step === null) return skipped('it came to no certificate');
    if (step.ok) return passed(read, step.said);
    return found('fail', read, [step.said], {
      say: 'When the issuer is your company, ask for its certificate as a PEM file, then: capsule-kiro config set portal.caFile FILE',
    });
  },
};
