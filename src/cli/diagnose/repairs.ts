import { chmodSync, existsSync } from 'node:fs';
import type { Host } from '../../core/host.ts';
import { bringInLine } from '../bring-in-line.ts';
import { startDaemon, stopDaemon } from '../daemon-control.ts';
import { findLooseFiles } from '../loose-files.ts';
import { placeProgram } from '../place-program.ts';
import { registerService } from '../register-service.ts';
import { sayChanges } from '../say-changes.ts';
import type { Facts } from './gather-facts.ts';
import type { CheckResult } from './run-checks.ts';

/** One thing that `--fix` does. It edits nothing that `install` would not. */
export interface Repair {
  id: string;
  /** The checks that it heals, each healed by one repair alone. */
  heals: readonly string[];
  /** What it would do, a line each; empty when there is nothing for it to do. Changes nothing. */
  plan(host: Host, facts: Facts): string[] | Promise<string[]>;
  /** Does it. Throws a `Failure` when it cannot be done. */
  act(host: Host, facts: Facts): unknown;
}

/** In the order in which they are done: what others need comes first. */
export const REPAIRS: readonly Repair[] = [
  {
    id: 'program',
    heals: ['install.present'],
    // What was never installed is installed on its user's word, with a portal.
    plan: ({ own }) =>
      existsSync(own.home) && existsSync(own.attachments) ? [`${own.program} leads to this program again`] : [],
    act: (host) => void placeProgram(host),
  },
  {
    id: 'modes',
    heals: ['files.modes'],
    plan: async (host, facts) =>
      (await looseFiles(host, facts)).map(
        ({ file, mode, wanted }) => `${file}: mode ${octal(mode)} → ${octal(wanted)}`,
      ),
    act: async (host, facts) => {
      for (const { file, wanted } of await looseFiles(host, facts)) chmodSync(file, wanted);
    },
  },
  {
    id: 'attachments',
    heals: ['dispatcher.present', 'dispatcher.intact', 'hook.user', 'hook.workspace', 'trust.settings'],
    plan: async (host, facts) => {
      const changes = bringInLine(host, await facts.around(), { dryRun: true });
      return sayChanges(
        changes.filter(({ result }) => result === 'planned'),
        host.home,
      ).map((line) => line.trim());
    },
    act: async (host, facts) => bringInLine(host, await facts.around()),
  },
  {
    id: 'autostart',
    heals: ['daemon.autostart'],
    plan: () => ['the system starts the daemon at every login'],
    act: (host) => registerService(host, true, { anew: true }),
  },
  {
    id: 'start',
    heals: ['daemon.running'],
    plan: async (_host, facts) => ((await facts.daemon()).is === 'down' ? ['the daemon is started'] : []),
    act: (host) => startDaemon(host),
  },
  {
    id: 'restart',
    heals: ['daemon.version', 'daemon.memory', 'daemon.sweep', 'socket.answers'],
    plan: () => ['the daemon is started anew'],
    act: async (host) => {
      await stopDaemon(host);
      await startDaemon(host);
    },
  },
];

/** The repairs that heal something of what was found, each once, in their own order. Pure. */
export function chooseRepairs(repairs: readonly Repair[], results: readonly CheckResult[]): Repair[] {
  const isAmiss = ({ status }: CheckResult) => status === 'fail' || status === 'warn';
  const amiss = new Set(results.filter(isAmiss).map(({ check }) => check.id));
  return repairs.filter(({ heals }) => heals.some((id) => amiss.has(id)));
}

/** What belongs to another user is not ours to change. */
async function looseFiles(host: Host, facts: Facts) {
  return findLooseFiles(host, (await facts.around()).paths).filter(({ foreign }) => !foreign);
}

const octal = (mode: number) => mode.toString(8).padStart(3, '0');
