/** The daemon's own upgrading, where `upgrade.auto` is set: now and then, at a moment at which nobody works with Kiro. */
import { spawn } from 'node:child_process';
import { describe, Failure } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import { registeredServices } from '../../service/service.ts';
import { type DaemonState, daemonState } from '../daemon-state.ts';
import { settingsInForce } from '../settings-in-force.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const QUIET_FOR_MS = 10 * MINUTE_MS;
/** After a start, and after a look: spread, so that a fleet does not fetch at once. */
const FIRST_MS = [10 * MINUTE_MS, 4 * HOUR_MS] as const;
const NEXT_MS = [18 * HOUR_MS, 30 * HOUR_MS] as const;

export interface UpgradingNeeds {
  supervised: boolean;
  later(ms: number, then: () => void): () => void;
  launch?: typeof launch;
  state?: () => Promise<DaemonState | 'hung' | undefined>;
}

/** Looks from time to time until what it answers is called. The setting is read at each look. */
export function upgradeByItself(host: Host, needs: UpgradingNeeds): () => void {
  const { supervised, later, launch: start = launch, state = () => daemonState(host.own) } = needs;
  let stopped = false;
  let forget = () => {};
  const lookIn = (ms: number) => {
    if (!stopped) forget = later(ms, () => void look());
  };
  const look = async () => {
    if (!isWanted(host)) return lookIn(between(NEXT_MS, host.random()));
    const now = await state();
    if (stopped) return;
    if (typeof now !== 'object' || !isQuiet(now, host.now())) return lookIn(QUIET_FOR_MS);
    start(host, upgraderOf(host, supervised));
    lookIn(between(NEXT_MS, host.random()));
  };
  lookIn(between(FIRST_MS, host.random()));
  return () => {
    stopped = true;
    forget();
  };
}

/** No turn is under way, and none ended just now. Pure. */
export function isQuiet({ capture }: Pick<DaemonState, 'capture'>, now: Date): boolean {
  const last = capture.lastRing === null ? Number.NEGATIVE_INFINITY : Date.parse(capture.lastRing);
  return capture.openTurns === 0 && now.getTime() - last >= QUIET_FOR_MS;
}

/**
 * What upgrades: a process that outlives this daemon, which it ends. What systemd started for a unit ends with the unit, so there it
 * becomes a unit of its own.
 */
export function upgraderOf(host: Host, supervised: boolean): { program: string; args: string[] } {
  const args = ['upgrade', '--by-daemon'];
  const bySystemd = supervised && registeredServices(host).some(({ kind }) => kind === 'systemd');
  if (!bySystemd) return { program: host.own.program, args };
  const home = `--setenv=CAPSULE_KIRO_HOME=${host.own.home}`;
  return { program: 'systemd-run', args: ['--user', '--collect', '--quiet', home, host.own.program, ...args] };
}

function launch(host: Host, { program, args }: ReturnType<typeof upgraderOf>): void {
  host.log.info('looking for a newer version');
  spawn(program, args, {
    cwd: host.own.home,
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    env: { ...host.env, CAPSULE_KIRO_HOME: host.own.home },
  })
    .on('error', (error) => host.log.warn('the upgrade could not be started', { why: describe(error) }))
    .unref();
}

function isWanted(host: Host): boolean {
  try {
    return settingsInForce(host)['upgrade.auto'];
  } catch (error) {
    // Settings that are broken are told by `status`; what they meant is not guessed.
    if (!(error instanceof Failure)) throw error;
    return false;
  }
}

const between = ([least, most]: readonly [number, number], share: number): number => least + (most - least) * share;
