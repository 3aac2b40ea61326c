import type { RecordedChange } from '../../../kiro/attachment-record.ts';
import { parseRunningKiro, type RunningKiro } from '../../../kiro/running-kiro.ts';
import { ago } from '../../say.ts';
import { type Check, found, passed, skipped } from '../check.ts';

export const kiroRestarted: Check = {
  id: 'kiro.restarted',
  title: 'the Kiro that runs was started after its hook was placed',
  why: 'A Kiro that was open during the install may not know of the hook, and so ring for no turn.',
  remedy: 'Restart Kiro.',
  needs: ['install.present'],
  async run(host, facts) {
    if (host.platform === 'win32') return skipped('not looked at on Windows');
    const listing = await host.run('ps', ['-xo', 'pid=,etime=,comm='], 5_000);
    if (listing.exitCode !== 0) return skipped('this system does not tell which programs run');
    const running = parseRunningKiro(listing.stdout);
    const placed = firstPlaced(facts.record());
    if (running.length === 0) return skipped('Kiro does not run now');
    if (placed === null) return skipped('no hook was placed so far');
    const look = await facts.daemon();
    const lastRing = look.is === 'up' ? look.state.capture.lastRing : null;
    const read = ['the programs that run', 'the time in our record'];
    const early = startedBefore(running, placed, host.now());
    if (early.length === 0 || (lastRing !== null && lastRing > placed)) return passed(read);
    const said = early.map(
      ({ pid }) => `Kiro (process ${pid}) runs since before the hook was placed, ${ago(placed, host.now())}`,
    );
    return found('warn', read, [...said, 'and nothing has rung since'], { say: 'Restart Kiro' });
  },
};

/** When the first hook was placed, ISO 8601; null: none was. Pure. */
export function firstPlaced(record: readonly Pick<RecordedChange, 'kind' | 'state' | 'time'>[]): string | null {
  const hooks = record.filter(({ kind, state }) => kind.startsWith('hook-') && state === 'made');
  return hooks.map(({ time }) => time).toSorted()[0] ?? null;
}

/** Those that were started before `time` (ISO 8601), by more than a second: ages are whole seconds. Pure. */
export function startedBefore(running: readonly RunningKiro[], time: string, now: Date): RunningKiro[] {
  return running.filter(({ seconds }) => now.getTime() - seconds * 1000 < Date.parse(time) - 1000);
}
