import { isSealed, ownVersion } from '../core/assets.ts';
import type { Host } from '../core/host.ts';
import type { CertificateFiles } from '../portal/certificate.ts';
import type { Issuer } from '../portal/credentials.ts';
import { executableName, executablesIn } from '../portal/installers/executables.ts';
import { type Listening, listen } from '../portal/listen.ts';
import type { MailSettings } from '../portal/mail/mail-settings.ts';
import { loadPage } from '../portal/page-files.ts';
import { createPortal } from '../portal/portal.ts';
import { ADDRESS } from '../portal/portal-address.ts';
import type { PortalStore } from '../portal/store/store.ts';
import { loadSigningKey } from '../portal/tokens.ts';
import type { Answer, Progress } from './command.ts';
import { issueSignInLink } from './portal-credential.ts';
import { DEFAULT_ORG, readLifetime } from './portal-options.ts';
import type { StorePlace } from './portal-place.ts';
import { openStore } from './portal-store.ts';

export interface PortalRun {
  place: StorePlace;
  /** Folder of what installers fetch; need not be there. */
  executables: string;
  host: string;
  port: number;
  names: readonly string[];
  /** Reached without TLS from other machines, so by its name. */
  insecure: boolean;
  tls: CertificateFiles | undefined;
  trustProxy: boolean;
  /** Whether administrators may have it connect to this machine. */
  localDestinations: boolean;
  /** Without it, nobody is told by mail. */
  mail: MailSettings | undefined;
  version: string;
  open: boolean;
}

/**
 * Serves until it is told to stop. Says the address, and a sign-in link as long as nobody has signed in yet. Throws
 * `port-in-use`, `socket-unusable`, `database-unusable`, `asset-missing`.
 */
export async function runPortal(host: Host, progress: Progress, run: PortalRun): Promise<Answer> {
  const page = loadPage();
  const store = await openStore(host, run.place);
  try {
    const now = () => host.now();
    const executables = executablesIn(run.executables, ownExecutable(host));
    const { version, names, tls, trustProxy, localDestinations, mail } = run;
    const sending = { mail, localDestinations };
    const options = { store, page, executables, version, names, trustProxy, ...sending, now, log: host.log };
    const portal = await createPortal(options);
    const listening = await listen(portal, run.host, run.port, { log: host.log, ...(tls && { tls }) });
    const address = ownName(run, listening);
    await store.setValue(ADDRESS, address);
    host.log.info('the portal listens', { port: listening.port });
    progress.say(`The portal is at ${address}`);
    await sayFirstLink(host, store, progress);
    if (run.open) await openBrowser(host, address);
    await progress.stopped;
    await listening.stop();
    host.log.info('the portal stopped');
    return { output: 'The portal has stopped.', json: { address }, exitCode: 0 };
  } finally {
    await store.close();
  }
}

/** By the first name it was given where others reach it by that. */
function ownName({ insecure, tls, names }: PortalRun, { address, port }: Listening): string {
  const [name] = names;
  if (name === undefined || (tls === undefined && !insecure)) return address;
  return `${tls === undefined ? 'http' : 'https'}://${name}:${port}`;
}

async function sayFirstLink(host: Host, store: PortalStore, progress: Progress): Promise<void> {
  const org = await store.organisation(DEFAULT_ORG, host.now().toISOString());
  if (await store.accounts.any(org.id)) return;
  const issuer: Issuer = { store, key: await loadSigningKey(store), now: () => host.now() };
  const link = await issueSignInLink(issuer, org.id, 'admin', readLifetime('admin'));
  progress.say(`Sign in for the first time, within a day and once, with ${link.value}`);
}

/** What this portal runs from is itself an executable for this system, unless it is a checkout. */
function ownExecutable({ platform }: Host): { name: string; file: string; version: string } | undefined {
  if (!isSealed) return undefined;
  return { name: executableName(platform, process.arch), file: process.execPath, version: ownVersion() };
}

/** The address alone: what a program is started with can be read by everybody on the machine, so no link with a secret. */
async function openBrowser(host: Host, address: string): Promise<void> {
  const openers = { darwin: ['open'], linux: ['xdg-open'], win32: ['cmd', '/c', 'start', ''] } as const;
  const [program, ...args] = openers[host.platform];
  await host.run(program, [...args, address]);
}
