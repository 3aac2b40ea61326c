import { describe } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import type { Settings } from '../../core/settings.ts';
import { type RecordedChange, readRecord } from '../../kiro/attachment-record.ts';
import { type AttachmentState, attachmentState } from '../../kiro/attachment-state.ts';
import { kiroPaths } from '../../kiro/paths.ts';
import { type FoundKiro, findKiro } from '../../kiro/versions.ts';
import { type Credential, readCredential } from '../../relay/credential.ts';
import { readEndpoint } from '../../relay/local-client.ts';
import type { PortalLook } from '../../relay/look-at-portal.ts';
import { lookAround, type Surroundings } from '../bring-in-line.ts';
import { type DaemonState, daemonState, type StandBy, standByState } from '../daemon-state.ts';
import { networkIn } from '../network-in.ts';
import { settingsInForce } from '../settings-in-force.ts';

/** How the daemon was found. `pid` is where it last said it was. */
export type DaemonLook =
  | { is: 'up'; state: DaemonState }
  | { is: 'stands-by'; state: StandBy }
  | { is: 'hung' | 'down'; pid: number | undefined }
  | { is: 'barred'; why: string };

/** What several checks rest on. Each is looked up when it is first asked for, and once; what it throws it throws again. */
export interface Facts {
  /** Throws `config-invalid`. */
  settings(): Settings;
  kiro(): FoundKiro[];
  around(): Promise<Surroundings>;
  /** Throws `attachments-busy`, `database-unusable`. */
  stock(): Promise<AttachmentState>;
  /** Throws as `stock` does. */
  record(): RecordedChange[];
  daemon(): Promise<DaemonLook>;
  /** Throws `config-invalid`. */
  credential(): Credential | undefined;
  /** null: none is set. Throws `config-invalid`. */
  portal(): Promise<PortalLook | null>;
}

/** Prepares to look; looks at nothing yet. */
export function gatherFacts(host: Host): Facts {
  const settings = once(() => settingsInForce(host));
  const around = once(() => lookAround(host, settings()));
  const credential = once(() => readCredential(host.own));
  return {
    settings,
    around,
    credential,
    kiro: once(() => findKiro(host, kiroPaths(host, settings()), settings())),
    stock: once(async () => {
      const { paths, hooks, workspaces } = await around();
      return attachmentState(host, paths, hooks, workspaces);
    }),
    record: once(() => readRecord(host)),
    daemon: once(() => lookForDaemon(host)),
    portal: once(async () => {
      const address = credential()?.portal ?? settings()['portal.url'];
      if (address === null) return null;
      const { lookAtPortal } = await import('../../relay/look-at-portal.ts');
      return lookAtPortal(address, networkIn(settings()));
    }),
  };
}

async function lookForDaemon(host: Host): Promise<DaemonLook> {
  try {
    const state = await daemonState(host.own);
    if (typeof state === 'object') return { is: 'up', state };
    const pid = readEndpoint(host.own)?.pid;
    if (state === 'hung') return { is: 'hung', pid };
    const standing = await standByState(host.own);
    return standing === undefined ? { is: 'down', pid } : { is: 'stands-by', state: standing };
  } catch (error) {
    // A socket that we may not open, or a published place that is none: that is the finding.
    return { is: 'barred', why: describe(error) };
  }
}

function once<T>(ask: () => T): () => T {
  let known: { answer: T } | { error: unknown } | undefined;
  return () => {
    if (known === undefined) {
      try {
        known = { answer: ask() };
      } catch (error) {
        known = { error };
      }
    }
    if ('error' in known) throw known.error;
    return known.answer;
  };
}
