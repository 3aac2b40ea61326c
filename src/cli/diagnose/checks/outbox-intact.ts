import { peekOutbox } from '../../../relay/peek-outbox.ts';
import { count } from '../../say.ts';
import { type Check, type Finding, found, passed, skipped } from '../check.ts';

export const outboxIntact: Check = {
  id: 'outbox.intact',
  title: 'the database of events that wait is whole',
  why: 'What waits for the portal is in it; a damaged one is replaced, and one event tells how many were lost.',
  remedy: 'Start the daemon: it moves a damaged one aside and saves what can be read. Check the disk.',
  needs: ['install.present'],
  async run(host, facts) {
    const look = await facts.daemon();
    const file = host.own.database;
    if (look.is === 'hung') return skipped('the daemon that does not answer holds it');
    if (look.is !== 'up') return atRest(file);
    const { damage } = look.state.outbox;
    if (damage === null) return passed([file]);
    const said = `a damaged one was replaced; ${count(damage.saved, 'event')} of it could be saved, and the old one is ${damage.movedTo}`;
    return found('warn', [file], [said], {
      say: 'Check the disk, delete the old one, then restart the daemon: it has told the portal of the gap',
      command: 'capsule-kiro restart',
    });
  },
};

function atRest(file: string): Finding {
  const peek = peekOutbox(file);
  switch (peek.is) {
    case 'none':
      return skipped('there is none yet: no daemon has run');
    case 'whole':
      return passed([file]);
    case 'locked':
      return { status: 'unknown', read: [file], evidence: [`${file} cannot be looked into: ${peek.why}`], fix: AGAIN };
    default:
      return found('fail', [file], [`${file}: ${peek.why}`], AGAIN);
  }
}

const AGAIN = {
  say: 'Start the daemon: it moves a damaged one aside and saves what can be read',
  command: 'capsule-kiro start',
};
