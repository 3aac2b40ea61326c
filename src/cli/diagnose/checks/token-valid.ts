import { type Credential, renewalDue } from '../../../relay/credential.ts';
import { type Check, type Finding, found, passed, skipped } from '../check.ts';

export const tokenValid: Check = {
  id: 'token.valid',
  title: 'the credential of this device has not expired',
  why: 'With an expired one the portal takes nothing; events are kept here until there is a new one.',
  remedy: 'Ask your security team for a code, then `capsule-kiro token set < code.txt`.',
  needs: ['token.present'],
  async run(host, facts) {
    const credential = facts.credential();
    if (credential === undefined) return skipped('this device is not enrolled');
    const look = await facts.daemon();
    const offset = look.is === 'up' ? (look.state.clockOffsetMs ?? 0) : 0;
    return judgeCredential(credential, new Date(host.now().getTime() + offset), [host.own.credential]);
  },
};

/** `now` by the portal's clock. Pure. */
export function judgeCredential(credential: Credential, now: Date, read: string[]): Finding {
  const { issuedAt, expiresAt } = credential;
  const life = `from ${issuedAt.slice(0, 10)}, valid until ${expiresAt.slice(0, 10)}`;
  if (Date.parse(expiresAt) <= now.getTime()) {
    return found('fail', read, [`it expired on ${expiresAt}`], {
      say: 'Enrol again, with a new code from your security team on standard input',
      command: 'capsule-kiro token set',
    });
  }
  return passed(
    read,
    life,
    renewalDue(credential, now) ? 'its renewal is due' : 'renewed by itself at 63 to 77 % of its life',
  );
}
