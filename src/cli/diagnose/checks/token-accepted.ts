import type { PortalAnswer } from '../../../relay/portal-client.ts';
import { networkIn } from '../../network-in.ts';
import { type Check, type Finding, found, passed, skipped } from '../check.ts';

export const tokenAccepted: Check = {
  id: 'token.accepted',
  title: 'the portal accepts the credential of this device',
  why: 'A revoked credential, or one of another portal, lets nothing through; events are kept here.',
  remedy: 'Ask your security team for a code, then `capsule-kiro token set < code.txt`.',
  needs: ['token.valid', 'portal.answers'],
  async run(_host, facts) {
    const credential = facts.credential();
    if (credential === undefined) return skipped('this device is not enrolled');
    const { portalClient } = await import('../../../relay/portal-client.ts');
    const ask = portalClient({ network: () => networkIn(facts.settings()) });
    const { portal, token } = credential;
    const answer = await ask({ portal, path: '/v1/events', secret: token, body: '{"events":[]}' });
    return judge(answer, [`POST ${new URL('/v1/events', portal).href} without an event`]);
  },
};

function judge(answer: PortalAnswer, read: string[]): Finding {
  const again = {
    say: 'Enrol again, with a new code from your security team on standard input',
    command: 'capsule-kiro token set',
  };
  if (answer.status === null) return found('warn', read, [answer.reason], { say: 'Try again in a moment' });
  if (answer.status === 200) return passed(read);
  if (answer.status === 401 || answer.status === 403)
    return found('fail', read, [`it is refused (${answer.status})`], again);
  return found('warn', read, [`the portal answered ${answer.status}`], { say: 'See whether the portal is well' });
}
