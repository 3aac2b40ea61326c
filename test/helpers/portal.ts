/** A real portal in this process: on 127.0.0.1, a free port, in a folder of its own. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach } from '@jest/globals';
import type { AdmissionBounds } from '../../src/portal/admission.ts';
import {
  DAY_MS,
  type Issuer,
  issueCode,
  issueDeviceCredential,
  issueKey,
  issueLink,
  issueOrgToken,
  linkAddress,
} from '../../src/portal/credentials.ts';
import type { Executables } from '../../src/portal/installers/executables.ts';
import { listen } from '../../src/portal/listen.ts';
import type { MailSettings } from '../../src/portal/mail/mail-settings.ts';
import { type PageFiles, pageFile, SHELL } from '../../src/portal/page-files.ts';
import { createPortal } from '../../src/portal/portal.ts';
import type { Role } from '../../src/portal/roles.ts';
import type { PortalStore } from '../../src/portal/store/store.ts';
import { loadSigningKey } from '../../src/portal/tokens.ts';
import { openTestStore } from './portal-store.ts';
import { tempFolder } from './temp-home.ts';

export interface TestPortal {
  /** `http://127.0.0.1:<port>` */
  address: string;
  port: number;
  folder: string;
  store: PortalStore;
  issuer: Issuer;
  orgToken(options?: { org?: string; days?: number }): Promise<string>;
  code(options?: { org?: string; uses?: number }): Promise<string>;
  key(options?: { org?: string; role?: Role }): Promise<string>;
  /** The address of a one-time sign-in link. */
  link(options?: { org?: string; role?: Role }): Promise<string>;
  credential(deviceId: string, options?: { org?: string; lifeMs?: number }): Promise<string>;
  /** GET of `/api/…` with an API key of the organisation. */
  read(path: string, options?: { org?: string }): Promise<{ status: number; body: Record<string, unknown> }>;
  stop(): Promise<void>;
}

export interface TestPortalOptions {
  /** A folder to go on with (a portal that is started again); a fresh one unless given. */
  folder?: string;
  /** 0 takes a free one. */
  port?: number;
  now?: () => Date;
  /** A page of one line unless given; `loadPage()` for the built one. */
  page?: PageFiles;
  /** What developers can be given; none unless given. */
  executables?: Executables;
  /** How it sends mail; it sends none unless given. */
  mail?: MailSettings;
  /** How much devices may ask for at once; as always unless given. */
  admissionBounds?: AdmissionBounds;
}

const running = new Set<TestPortal>();
afterEach(async () => {
  for (const portal of running) await portal.stop();
});

/** Stops by itself after the test. */
export async function startPortal(options: TestPortalOptions = {}): Promise<TestPortal> {
  const folder = options.folder ?? path.join(tempFolder(), 'portal');
  mkdirSync(folder, { recursive: true });
  const now = options.now ?? (() => new Date());
  const store = await openTestStore(folder);
  const page =
    options.page ?? new Map([[SHELL, pageFile('index.html', Buffer.from('<!doctype html><title>Test</title>'))]]);
  const portal = await createPortal({
    store,
    page,
    version: '0.0.0-test',
    // The real cost is a fifth of a second for each guess.
    passwordCost: { N: 2 ** 10, r: 8, p: 1 },
    now,
    ...(options.executables !== undefined && { executables: options.executables }),
    mail: options.mail,
    ...(options.admissionBounds !== undefined && { admissionBounds: options.admissionBounds }),
    // Receivers of a test are on this machine.
    localDestinations: true,
  });
  const listening = await listen(portal, '127.0.0.1', options.port ?? 0);
  const issuer: Issuer = { store, key: await loadSigningKey(store), now };
  const orgId = async (name = 'default') => (await store.organisation(name, now().toISOString())).id;
  const keys = new Map<string, string>();

  const started: TestPortal = {
    address: listening.address,
    port: listening.port,
    folder,
    store,
    issuer,
    orgToken: async ({ org, days = 365 } = {}) =>
      (await issueOrgToken(issuer, await orgId(org), days * DAY_MS, 'test')).value,
    code: async ({ org, uses = 1 } = {}) => (await issueCode(issuer, await orgId(org), DAY_MS, uses, 'test')).value,
    key: async ({ org, role = 'viewer' } = {}) =>
      (await issueKey(issuer, await orgId(org), role, DAY_MS, 'test')).value,
    async link({ org, role = 'admin' } = {}) {
      const { value } = await issueLink(issuer, await orgId(org), { id: role, role }, DAY_MS, 'test');
      return linkAddress(listening.address, value);
    },
    credential: async (deviceId, { org, lifeMs = DAY_MS } = {}) =>
      (await issueDeviceCredential(issuer, await orgId(org), deviceId, lifeMs, 'test')).value,
    async read(where, { org = 'default' } = {}) {
      const key = keys.get(org) ?? (await started.key({ org }));
      keys.set(org, key);
      const response = await fetch(listening.address + where, { headers: { authorization: `Bearer ${key}` } });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    async stop() {
      if (!running.delete(started)) return;
      await listening.stop();
      await store.close();
    },
  };
  running.add(started);
  return started;
}
