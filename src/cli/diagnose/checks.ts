import type { Check } from './check.ts';
import { captureCoverage } from './checks/capture-coverage.ts';
import { captureUnknown } from './checks/capture-unknown.ts';
import { clockOffset } from './checks/clock-offset.ts';
import { daemonAutostart } from './checks/daemon-autostart.ts';
import { daemonMemory } from './checks/daemon-memory.ts';
import { daemonRunning } from './checks/daemon-running.ts';
import { daemonSweep } from './checks/daemon-sweep.ts';
import { daemonVersion } from './checks/daemon-version.ts';
import { diskSpace } from './checks/disk-space.ts';
import { dispatcherIntact } from './checks/dispatcher-intact.ts';
import { dispatcherPresent } from './checks/dispatcher-present.ts';
import { dispatcherSilent } from './checks/dispatcher-silent.ts';
import { filesModes } from './checks/files-modes.ts';
import { hookUser } from './checks/hook-user.ts';
import { hookWorkspace } from './checks/hook-workspace.ts';
import { installLeftovers } from './checks/install-leftovers.ts';
import { installPresent } from './checks/install-present.ts';
import { kiroFound } from './checks/kiro-found.ts';
import { kiroRestarted } from './checks/kiro-restarted.ts';
import { otlpAccepts } from './checks/otlp-accepts.ts';
import { otlpHeaders } from './checks/otlp-headers.ts';
import { otlpReachable } from './checks/otlp-reachable.ts';
import { otlpRefused } from './checks/otlp-refused.ts';
import { outboxDepth } from './checks/outbox-depth.ts';
import { outboxGaps } from './checks/outbox-gaps.ts';
import { outboxIntact } from './checks/outbox-intact.ts';
import { outboxRejected } from './checks/outbox-rejected.ts';
import { permissionRules } from './checks/permission-rules.ts';
import { portalAnswers } from './checks/portal-answers.ts';
import { portalName } from './checks/portal-name.ts';
import { portalProxy } from './checks/portal-proxy.ts';
import { portalReachable } from './checks/portal-reachable.ts';
import { portalTls } from './checks/portal-tls.ts';
import { sessionsReadable } from './checks/sessions-readable.ts';
import { settingsManaged } from './checks/settings-managed.ts';
import { settingsValid } from './checks/settings-valid.ts';
import { socketAnswers } from './checks/socket-answers.ts';
import { tokenAccepted } from './checks/token-accepted.ts';
import { tokenPresent } from './checks/token-present.ts';
import { tokenValid } from './checks/token-valid.ts';
import { trustBroad } from './checks/trust-broad.ts';
import { trustSettings } from './checks/trust-settings.ts';
import { trustShadowed } from './checks/trust-shadowed.ts';
import { trustWorkspace } from './checks/trust-workspace.ts';
import { workspaceRemote } from './checks/workspace-remote.ts';
import { workspacesRegistry } from './checks/workspaces-registry.ts';

/** Every check, in the order in which the README tells them: from the machine to the portal. */
export const CHECKS: readonly Check[] = [
  installPresent,
  settingsValid,
  settingsManaged,
  filesModes,
  diskSpace,
  installLeftovers,
  kiroFound,
  kiroRestarted,
  workspacesRegistry,
  workspaceRemote,
  sessionsReadable,
  dispatcherPresent,
  dispatcherIntact,
  dispatcherSilent,
  hookUser,
  hookWorkspace,
  trustSettings,
  trustShadowed,
  trustBroad,
  trustWorkspace,
  permissionRules,
  daemonRunning,
  daemonVersion,
  daemonMemory,
  daemonSweep,
  daemonAutostart,
  socketAnswers,
  captureCoverage,
  captureUnknown,
  outboxIntact,
  outboxDepth,
  outboxRejected,
  outboxGaps,
  tokenPresent,
  tokenValid,
  clockOffset,
  portalName,
  portalReachable,
  portalProxy,
  portalTls,
  portalAnswers,
  tokenAccepted,
  otlpHeaders,
  otlpReachable,
  otlpAccepts,
  otlpRefused,
];
