import { Failure } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import { readCredential } from '../../relay/credential.ts';
import { portalClient } from '../../relay/portal-client.ts';
import { askForUpgrade, type OfferedExecutable } from '../../relay/upgrade-offer.ts';
import { networkIn } from '../network-in.ts';
import { placedVersion } from '../place-program.ts';
import { compareVersions } from '../placing/version-order.ts';
import { settingsInForce } from '../settings-in-force.ts';

/** What is installed, and what the portal has that is newer. */
export interface FoundUpgrade {
  installed: string;
  portal: string;
  newer: OfferedExecutable | null;
}

/**
 * Asks the portal and compares with what is installed. Throws `not-found` where nothing is installed or enrolled,
 * `portal-unreachable`, `token-invalid`, `upgrade-refused`.
 */
export async function findUpgrade(host: Host): Promise<FoundUpgrade> {
  const installed = await placedVersion(host);
  if (installed === null) {
    throw new Failure('not-found', 'capsule-kiro is not installed for this user', {
      hint: 'Run: capsule-kiro install',
    });
  }
  const credential = readCredential(host.own);
  if (credential === undefined) {
    throw new Failure('not-found', 'This device is not enrolled, so there is no portal to ask', {
      hint: 'Ask your security team for a code, then: capsule-kiro token set < code.txt',
    });
  }
  const settings = settingsInForce(host);
  const ask = portalClient({ network: () => networkIn(settings) });
  const offered = await askForUpgrade(ask, credential, { os: host.platform, arch: process.arch });
  const newer = offered !== null && compareVersions(offered.version, installed) > 0 ? offered : null;
  return { installed, portal: credential.portal, newer };
}
