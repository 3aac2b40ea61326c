import type { DaemonState } from '../../daemon-state.ts';
import { SWEEP_EVERY_MS } from '../../follow-sessions.ts';
import { ago } from '../../say.ts';
import { type Check, found, passed } from '../check.ts';

export const daemonSweep: Check = {
  id: 'daemon.sweep',
  title: 'the daemon looks at all sessions from time to time',
  why: 'The sweep finds every turn whose ring was lost.',
  remedy: 'Restart the daemon.',
  needs: ['daemon.running'],
  async run(host, facts) {
    const look = await facts.daemon();
    const read = ['GET /v1/status on the local socket'];
    if (look.is !== 'up') return passed(read);
    const said = `last sweep ${ago(look.state.capture.lastSweep, host.now())}`;
    if (!isLate(look.state, host.now())) return passed(read, said);
    return found('warn', read, [said], { say: 'Restart it', command: 'capsule-kiro restart' });
  },
};

/** Whether a sweep is due for longer than one takes; a machine that sleeps does not sweep, and neither does one just started. Pure. */
export function isLate({ startedAt, capture }: Pick<DaemonState, 'startedAt' | 'capture'>, now: Date): boolean {
  return now.getTime() - Date.parse(capture.lastSweep ?? startedAt) > 2 * SWEEP_EVERY_MS;
}
