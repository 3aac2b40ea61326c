import { Failure } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import { endAndStart, readEndpoint } from '../../relay/local-client.ts';
import type { Answer, Progress } from '../command.ts';
import { daemonState } from '../daemon-state.ts';
import { namesOfHome, withoutHome } from '../without-home.ts';
import { arrived, type ProbeReport } from './hop.ts';
import { type InstalledHook, installedHooks } from './installed-hooks.ts';
import { probeHook } from './probe-hook.ts';
import { probeAsJson, sayProbe } from './say-probe.ts';

const NONE = 'No hook is attached on this machine, so none can be run. Attach it with: capsule-kiro install';

/**
 * One probe for each Kiro that is attached, one after the other. Exit code 3 unless all arrive. Throws as
 * `readRecord` does, and `daemon-down` when the daemon hangs and holds that record.
 */
export async function runProbe(host: Host, progress: Progress): Promise<Answer> {
  const hooks = await hooksHere(host);
  if (hooks.length === 0) return { output: NONE, json: { probes: [] }, exitCode: 3 };
  const reports: ProbeReport[] = [];
  for (const hook of hooks) reports.push(await probeHook(host, hook, (doing) => progress.show(doing)));
  const home = namesOfHome(host.home);
  return {
    output: withoutHome(reports.map(sayProbe).join('\n\n'), home),
    json: { probes: reports.map(probeAsJson) },
    exitCode: reports.every(arrived) ? 0 : 3,
  };
}

async function hooksHere(host: Host): Promise<InstalledHook[]> {
  try {
    return installedHooks(host);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'attachments-busy') throw error;
    if ((await daemonState(host.own)) !== 'hung') throw error;
    const pid = readEndpoint(host.own)?.pid;
    throw new Failure(
      'daemon-down',
      `The daemon (process ${pid}) does not answer, and holds the record of what is attached`,
      {
        hint: `End it, and start it again: ${endAndStart(pid, host.platform)}`,
        cause: error,
      },
    );
  }
}
