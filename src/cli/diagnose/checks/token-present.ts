import { readEnrolment } from '../../../relay/credential.ts';
import { type Check, found, passed, skipped } from '../check.ts';

export const tokenPresent: Check = {
  id: 'token.present',
  title: 'this device is enrolled at a portal',
  why: 'Until it is, events are captured and kept on this machine, and go nowhere.',
  remedy: 'Ask your security team for a code, then `capsule-kiro token set < code.txt`.',
  needs: ['install.present', 'settings.valid'],
  async run(host, facts) {
    const { credential: file, enrolment } = host.own;
    const read = [file, enrolment];
    const credential = facts.credential();
    if (credential !== undefined) return passed(read, `organisation ${credential.org} at ${credential.portal}`);
    const { 'portal.url': portal, 'otlp.endpoint': endpoint } = facts.settings();
    if (portal === null && endpoint !== null && readEnrolment(host.own) === undefined) {
      return skipped(`no portal is set: events go to ${endpoint}`);
    }
    if (portal === null) {
      return found('warn', read, ['no portal is set: events stay on this machine'], {
        say: 'Name the portal and give its code: capsule-kiro install --portal https://… --code-stdin < code.txt',
      });
    }
    const fix = { say: 'Give a code from your security team on standard input', command: 'capsule-kiro token set' };
    if (readEnrolment(host.own) === undefined) {
      return found('fail', read, ['a portal is set, and no code or token for it'], fix);
    }
    const look = await facts.daemon();
    const why = (look.is === 'up' ? look.state.enrolment.why : null) ?? 'no answer so far';
    return found('fail', read, [`a code or token waits for the portal: ${why}`], {
      ...fix,
      say: 'The daemon keeps trying; should the code be at fault, give a new one on standard input',
    });
  },
};
