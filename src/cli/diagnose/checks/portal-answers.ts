import { type Check, found, passed, skipped } from '../check.ts';

export const portalAnswers: Check = {
  id: 'portal.answers',
  title: 'what answers there is a portal',
  why: 'A sign-in page of a network or a proxy that answers in its place acknowledges nothing; events wait here.',
  remedy: 'Open the portal in a browser on this machine; sign in to the network, or correct `portal.url` or the proxy.',
  needs: ['portal.tls'],
  async run(_host, facts) {
    const look = await facts.portal();
    if (look === null || look.answer === null) return skipped('no portal is set');
    const { ok, said, ms } = look.answer;
    const way = look.proxy === null ? 'directly' : `through ${look.proxy}`;
    const read = [new URL('/api/health', look.portal).href];
    if (ok) return passed(read, `${said}, in ${ms} ms, ${way}`);
    return found('fail', read, [`${said} (${way})`], {
      say: 'Open the portal in a browser on this machine; sign in to the network, or correct portal.url or proxy.url',
    });
  },
};
