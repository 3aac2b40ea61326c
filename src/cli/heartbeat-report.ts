import type { Json } from '../core/event.ts';
import type { FoundKiro } from '../kiro/versions.ts';
import type { DaemonState } from './daemon-state.ts';
import { troubles } from './health.ts';
import { compareVersions } from './placing/version-order.ts';
import type { FailedUpgrade } from './upgrading/failed-upgrade.ts';

/** What the portal takes of one heartbeat; the first troubles are the worst. */
const MAX_TROUBLES = 100;
const MAX_MESSAGE = 2_000;
const MAX_COVERAGE = 200;
const MAX_WORKSPACES = 200;
/** A longer path is left out: the beginning of one names another folder. */
const MAX_PATH = 1_000;
const MAX_REASON = 300;

/** How this agent is, as the portal's inventory shows it. Pure. */
export function heartbeatReport(
  state: DaemonState,
  kiro: readonly FoundKiro[],
  failed?: FailedUpgrade,
): { [key: string]: Json } {
  const { attached, known, remote, missing, excluded } = state.workspaces;
  // What waits for others is not the portal's concern.
  const { events, bytes, oldest } = state.depths?.portal ?? state.outbox;
  return {
    agentVersion: state.version,
    kiro: kiro.map(({ generation, version }) => ({ generation, version })),
    attachments: { attached, known, remote, missing, excluded },
    outbox: { events, bytes, oldest },
    workspaces: notAttached(state.workspaces),
    coverage: state.capture.coverage.slice(0, MAX_COVERAGE),
    unknown: state.capture.unknown,
    skipped: state.capture.skippedLines,
    ...failedUpgrade(failed, state.version),
    health: troubles(state)
      .slice(0, MAX_TROUBLES)
      .map(({ code, message }) => ({ code, message: message.slice(0, MAX_MESSAGE) })),
  };
}

/** Workspaces without our hook, and why; those first that could have it. */
const notAttached = ({ notAttached: local, elsewhere }: DaemonState['workspaces']): Json[] =>
  [...local.map((each) => ({ ...each, state: 'not-attached' })), ...elsewhere]
    .filter(({ path }) => path.length <= MAX_PATH)
    .slice(0, MAX_WORKSPACES)
    .map(({ path, state, reason }) => ({ path, state, reason: reason.slice(0, MAX_REASON) }));

/** What was tried and does not work here, as long as nothing as new runs. */
const failedUpgrade = (failed: FailedUpgrade | undefined, running: string): { [key: string]: Json } =>
  failed?.version === undefined || compareVersions(failed.version, running) <= 0
    ? {}
    : { failedUpgrade: { version: failed.version, why: (failed.why ?? '').slice(0, MAX_REASON) } };
