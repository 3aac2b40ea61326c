import { peekOutbox } from '../../../relay/peek-outbox.ts';
import { ago, bytes, count } from '../../say.ts';
import { type Check, found, passed, skipped } from '../check.ts';

const HOUR_MS = 60 * 60_000;
/** Of the bounds: beyond them the oldest go. */
const NEAR = 0.8;

export const outboxDepth: Check = {
  id: 'outbox.depth',
  title: 'events leave soon after they come',
  why: 'Events that wait are safe, up to the bounds (`outbox.maxBytes`, `outbox.maxAgeDays`); beyond them the oldest go.',
  remedy: 'See why the portal does not take them: the checks of token and portal say it.',
  needs: ['install.present', 'settings.valid', 'outbox.intact'],
  async run(host, facts) {
    const look = await facts.daemon();
    const waiting = look.is === 'up' ? look.state.outbox : peekOutbox(host.own.database);
    const read = [host.own.database];
    if ('is' in waiting && waiting.is !== 'whole') return skipped('there is none to look into');
    const { events, bytes: size, oldest } = waiting;
    if (events === 0) return passed(read, 'nothing waits');
    const said = `${count(events, 'event')} (${bytes(size)}), the oldest ${ago(oldest, host.now())}`;
    const age = host.now().getTime() - Date.parse(oldest ?? host.now().toISOString());
    if (size < facts.settings()['outbox.maxBytes'] * NEAR && age < HOUR_MS) return passed(read, said);
    if (look.is !== 'up')
      return found('warn', read, [said], { say: 'Start the daemon', command: 'capsule-kiro start' });
    const whys = [look.state.delivery.why, look.state.otlp?.why ?? null].filter((why) => why !== null);
    return found('warn', read, [said, ...whys.map((why) => `they wait because ${why}`)], {
      say: 'See what the checks of token, portal and otlp say',
      command: 'capsule-kiro diagnose --only token --only portal --only otlp',
    });
  },
};
