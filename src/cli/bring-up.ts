import { setTimeout as wait } from 'node:timers/promises';
import { ownVersion } from '../core/assets.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import type { Progress } from './command.ts';
import { startDaemon, stopDaemon } from './daemon-control.ts';
import { type DaemonState, daemonState } from './daemon-state.ts';

export interface BroughtUp {
  said: string;
  failed: boolean;
  needsYou: boolean;
  enrolled: boolean;
}

/** How long `install` waits for the portal; the daemon goes on trying for ever. */
const ENROLMENT_MS = 10_000;
const LOOK_EVERY_MS = 50;

/**
 * Starts the daemon and waits a moment for it to enrol. One that runs goes on, unless it is of another version or of a program
 * that was `replaced`.
 */
export async function bringUp(host: Host, progress: Progress, replaced: boolean): Promise<BroughtUp> {
  progress.show('Starting the daemon …');
  try {
    if (replaced || (await runsAnother(host))) await stopDaemon(host);
    const { state, how } = await startDaemon(host);
    const kept = how === 'service' ? ', kept up by the service manager' : '';
    const enrolment = await enrolmentOutcome(host, state, progress);
    return { ...enrolment, said: `Daemon: runs (process ${state.pid}${kept})\n${enrolment.said}`, failed: false };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { said: `Daemon: ${error.message}. ${error.hint ?? ''}`, failed: true, needsYou: true, enrolled: false };
  }
}

async function runsAnother(host: Host): Promise<boolean> {
  const state = await daemonState(host.own);
  return typeof state === 'object' && state.version !== ownVersion();
}

async function enrolmentOutcome(host: Host, first: DaemonState, progress: Progress) {
  let state = first;
  for (let waited = 0; state.enrolment.state === 'pending' && waited < ENROLMENT_MS; waited += LOOK_EVERY_MS) {
    progress.show('Enrolling at the portal …');
    // A refusal with a reason will not change while we watch; silence may.
    if (state.enrolment.why !== null) break;
    await wait(LOOK_EVERY_MS);
    const now = await daemonState(host.own);
    if (typeof now === 'object') state = now;
  }
  const { state: outcome, why } = state.enrolment;
  if (outcome === 'enrolled') return { said: 'Portal: enrolled', needsYou: false, enrolled: true };
  if (outcome === 'none' && state.destinations.join() === 'otlp') {
    return { said: `OpenTelemetry: events go to ${state.otlp?.endpoint}`, needsYou: false, enrolled: false };
  }
  const said =
    outcome === 'none'
      ? 'Portal: none is set up, so events stay on this machine; give one with --portal and --code-stdin, or an OpenTelemetry endpoint with --otlp'
      : `Portal: not enrolled yet (${why ?? 'no answer so far'}); the daemon keeps trying, and events are kept until then`;
  return { said, needsYou: true, enrolled: false };
}
