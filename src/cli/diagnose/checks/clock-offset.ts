import { CLOCK_OFF_MS } from '../../health.ts';
import { type Check, found, passed, skipped } from '../check.ts';

export const clockOffset: Check = {
  id: 'clock.offset',
  title: 'the clock agrees with the portal',
  why: 'With a wrong clock certificates seem invalid, and two devices cannot be read side by side.',
  remedy: 'Set the clock, or let the system set it.',
  needs: ['daemon.running'],
  async run(_host, facts) {
    const look = await facts.daemon();
    const offset = look.is === 'up' ? look.state.clockOffsetMs : null;
    if (offset === null) return skipped('no portal has told the time so far');
    const read = ['the Date of what the portal answered the daemon'];
    const seconds = Math.round(Math.abs(offset) / 1000);
    const said = `${seconds} s ${offset > 0 ? 'behind' : 'ahead of'} the portal`;
    if (Math.abs(offset) <= CLOCK_OFF_MS) return passed(read, said);
    return found('warn', read, [said], { say: 'Set the clock, or let the system set it' });
  },
};
