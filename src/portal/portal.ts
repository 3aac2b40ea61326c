import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { describe } from '../core/failure.ts';
import { type Log, silentLog } from '../core/log.ts';
import { ADMISSION_BOUNDS, type AdmissionBounds, admitDevices } from './admission.ts';
import { createAnnouncer, shareAnnouncer } from './announcer.ts';
import { type Answer, notFound, Refusal } from './answer.ts';
import { countAttempts } from './attempts.ts';
import { clientKind } from './client-kind.ts';
import { checkHost, SECURITY_HEADERS } from './guard.ts';
import { type Executables, executablesIn } from './installers/executables.ts';
import { keepRetention } from './keep-retention.ts';
import type { MailSettings } from './mail/mail-settings.ts';
import { startMetrics } from './metrics/metrics.ts';
import { type PageFiles, SHELL, servePageFile } from './page-files.ts';
import { PASSWORD_COST, type PasswordCost, passwordsAt } from './passwords.ts';
import { loadJudging, packInstaller } from './policies/load-judging.ts';
import { startRuns } from './policies/runs.ts';
import { startTending } from './policies/tend.ts';
import { ADDRESS } from './portal-address.ts';
import type { PortalContext } from './portal-context.ts';
import { reachOf } from './reach.ts';
import { answerFrom } from './request-origin.ts';
import { findRoute } from './routes.ts';
import { startStreams } from './siem/run-streams.ts';
import type { PortalStore } from './store/store.ts';
import { StoreUnavailable } from './store/store-unavailable.ts';
import { loadSigningKey } from './tokens.ts';
import { wayIn } from './way-in.ts';

export interface PortalOptions {
  store: PortalStore;
  page: PageFiles;
  version: string;
  /** What developers can be given; none unless said. */
  executables?: Executables;
  /** How the portal calls itself towards agents and people. */
  name?: string;
  /** Whether a proxy before it is believed (`X-Forwarded-*`). */
  trustProxy?: boolean;
  passwordCost?: PasswordCost;
  /** How it sends mail; it sends none unless said. */
  mail?: MailSettings | undefined;
  /** Whether administrators may have it connect to the machine that it runs on; no, unless said. */
  localDestinations?: boolean;
  /** How much devices may ask for at once. */
  admissionBounds?: AdmissionBounds;
  /** Names it may be asked by, beside addresses and localhost. */
  names?: readonly string[];
  now?: () => Date;
  log?: Log;
}

export interface Portal {
  handle(incoming: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Ends what would go on for ever: answers to open pages, which listen for changes, and looking after policies. */
  endStreams(): void;
}

/** The portal as a request handler. It opens no port (see `listen.ts`) and does not close the store. */
export async function createPortal(options: PortalOptions): Promise<Portal> {
  const { store, page, version, name = 'Capsule', names = [], now = () => new Date(), log = silentLog } = options;
  const { executables = executablesIn(undefined), trustProxy = false, passwordCost = PASSWORD_COST, mail } = options;
  const attempts = countAttempts(now, store.guesses);
  const metrics = startMetrics(version);
  const admission = admitDevices({
    ...{ bounds: options.admissionBounds ?? ADMISSION_BOUNDS, shed: metrics.shed },
    overloaded: (underWay) => log.warn('requests of devices are put off', { underWay }),
    ...{ clock: () => performance.now(), random: Math.random },
  });
  const key = await loadSigningKey(store);
  const announcer = shareAnnouncer(createAnnouncer(), store.replicas);
  const judging = await loadJudging();
  const reach = reachOf({ local: options.localDestinations === true });
  const means = async () => ({ mail, address: (await store.value(ADDRESS)) ?? '', reach });
  const installPack = packInstaller(store, now);
  const retention = keepRetention({ store, now, log });
  const tending = startTending({ store, now, log, judging, means });
  const runs = startRuns({ store, now, log, judging });
  runs.wake();
  const streams = startStreams({ store, now, log, version, reach });
  const portal: PortalContext = {
    ...{ trustProxy, admission, attempts, metrics, means, passwords: passwordsAt(passwordCost) },
    ...{ store, key, page, executables, version, name, names, now, log, announcer, installPack, runs, streams },
    async ingest(org, deviceId, events, at) {
      await installPack(org);
      const counts = metrics.of(org);
      const begin = performance.now();
      const counted = await store.events.ingest(org, deviceId, events, at, counts.counting(judging));
      counts.stored(counted, (performance.now() - begin) / 1000);
      if (counted.detections.length > 0) void tending.wake();
      if (counted.accepted > 0) streams.wake();
      return counted;
    },
  };
  return {
    async handle(incoming, response) {
      for (const [header, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(header, value);
      const way = wayIn(incoming, trustProxy);
      if (way.secure) response.setHeader(...ONLY_SECURE);
      const requestId = requestIdOf(incoming, trustProxy);
      response.setHeader('x-request-id', requestId);
      const client = clientKind(incoming.headers['user-agent']);
      await answerFrom({ requestId, from: way.from, client }, async () => {
        write(response, await answerNamed(portal, incoming, requestId));
      });
    },
    endStreams() {
      tending.stop();
      retention.stop();
      runs.stop();
      streams.stop();
      announcer.end();
    },
  };
}

/** A browser that came by TLS once never comes without it again. */
const ONLY_SECURE = ['strict-transport-security', 'max-age=31536000'] as const;

/** Which route a request turned out to be for: its template, as addresses name what nobody else is to see. */
interface Found {
  route: string;
}

async function answer(portal: PortalContext, incoming: IncomingMessage, asked: Found): Promise<Answer> {
  checkHost(wayIn(incoming, portal.trustProxy).host, portal.names);
  const url = `http://portal${incoming.url ?? '/'}`;
  if (!URL.canParse(url)) throw new Refusal(400, 'address-invalid', 'The address is not understood');
  const { pathname, searchParams } = new URL(url);
  const method = incoming.method === 'HEAD' ? 'GET' : (incoming.method ?? '');
  const found = findRoute(method, pathname);
  if (found.route !== undefined) {
    asked.route = `${method} ${found.route.path}`;
    return found.route.answer({ portal, incoming, query: searchParams, id: found.id });
  }
  if (found.known) throw new Refusal(405, 'method-unsupported', 'This address does not take that method');
  if (method !== 'GET' || /^\/(api|v1)(\/|$)/.test(pathname)) throw notFound('address');
  return servePage(portal.page, pathname, incoming);
}

/** Addresses that are no file are the page's own: its router says what it does not know. */
function servePage(page: PageFiles, pathname: string, incoming: IncomingMessage): Answer {
  const file = page.get(pathname) ?? (pathname.startsWith('/assets/') ? undefined : page.get(SHELL));
  if (file === undefined) throw notFound('file');
  return servePageFile(file, incoming.headers['if-none-match'], incoming.headers['accept-encoding']);
}

/** The proxy's own, where a proxy is trusted and has one; else a new one. */
function requestIdOf(incoming: IncomingMessage, trustProxy: boolean): string {
  const given = incoming.headers['x-request-id'];
  return trustProxy && typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

/** An answer with the request's id where it is an error: whoever reads that alone can still name the request. Counted. */
async function answerNamed(portal: PortalContext, incoming: IncomingMessage, requestId: string): Promise<Answer> {
  const asked: Found = { route: 'page' };
  const given = await answer(portal, incoming, asked).catch((error: unknown) => {
    if (!(error instanceof Refusal)) {
      portal.log.error('a request failed', { requestId, route: asked.route, reason: describe(error) });
    }
    return refuse(error);
  });
  portal.metrics.answered(asked.route, 'status' in given ? given.status : 200);
  if (!('json' in given)) return given;
  const refused = refusedSchema.safeParse(given.json).data;
  if (refused === undefined) return given;
  if (given.status < 500) {
    const { code } = refused.error;
    portal.log.info('a request was refused', { requestId, route: asked.route, status: given.status, code });
  }
  return { ...given, json: { ...given.json, requestId } };
}

/** However a route came to refuse. */
const refusedSchema = z.object({ error: z.object({ code: z.string() }) });

function refuse(error: unknown): Answer {
  if (error instanceof StoreUnavailable) return UNAVAILABLE;
  if (error instanceof Refusal) {
    const { status, code, message, headers: own } = error;
    // What is left of a body that is too large is not worth waiting for.
    const headers = status === 413 ? { ...own, connection: 'close' } : own;
    return { status, json: { error: { code, message } }, headers };
  }
  return { status: 500, json: { error: { code: 'portal-failed', message: 'The portal failed; its log says why' } } };
}

/** Agents keep what they have and come again. */
const UNAVAILABLE: Answer = {
  status: 503,
  json: { error: { code: 'store-unavailable', message: 'The portal cannot reach its database at the moment' } },
  headers: { 'retry-after': '5' },
};

function write(response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return;
  if ('stream' in answer) {
    answer.stream(response);
    return;
  }
  const bytes = 'bytes' in answer ? answer.bytes : Buffer.from(JSON.stringify(answer.json));
  const own = 'bytes' in answer ? {} : { 'content-type': 'application/json', 'cache-control': 'no-store' };
  response.writeHead(answer.status, { ...own, ...answer.headers, 'content-length': bytes.length });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}
