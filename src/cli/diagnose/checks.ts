import type { Check } from './check.ts';
import { daemonRunning } from './checks/daemon-running.ts';
import { daemonVersion } from './checks/daemon-version.ts';
import { dispatcherPresent } from './checks/dispatcher-present.ts';
import { installPresent } from './checks/install-present.ts';
import { settingsValid } from './checks/settings-valid.ts';

/** Every check, in the order in which the README tells them: from the machine to the portal. */
export const CHECKS: readonly Check[] = [
  installPresent,
  settingsValid,
  dispatcherPresent,
  daemonRunning,
  daemonVersion,
];
