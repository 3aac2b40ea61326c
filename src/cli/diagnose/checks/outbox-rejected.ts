import { peekOutbox } from '../../../relay/peek-outbox.ts';
import { count } from '../../say.ts';
import { type Check, found, passed, skipped } from '../check.ts';

export const outboxRejected: Check = {
  id: 'outbox.rejected',
  title: 'the portal has refused no event',
  why: 'Refused events are kept aside on this machine and are at no portal.',
  remedy: 'Report it with the versions of agent and portal; they are kept.',
  needs: ['install.present', 'outbox.intact'],
  async run(host, facts) {
    const look = await facts.daemon();
    const waiting = look.is === 'up' ? look.state.outbox : peekOutbox(host.own.database);
    const read = [host.own.database];
    if ('is' in waiting && waiting.is !== 'whole') return skipped('there is none to look into');
    const rejected = look.is === 'up' ? (look.state.depths?.portal.rejected ?? waiting.rejected) : waiting.rejected;
    if (rejected === 0) return passed(read);
    return found('warn', read, [`${count(rejected, 'event')} refused and kept aside`], {
      say: 'Report this with the versions of agent and portal',
    });
  },
};
