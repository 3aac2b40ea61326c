/** The way to a portal, step by step, for whoever asks why it does not work. Sends no credential and no event. */
import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import * as z from 'zod';
import { describe, systemCode } from '../core/failure.ts';
import { type Network, networkAgents, proxyFor } from './network.ts';
import { explainNoAnswer, WANTS_A_NAME } from './no-answer.ts';

/** One step: whether it went well, what was seen as one clause, and how long it took in ms. */
export interface PortalStep {
  ok: boolean;
  said: string;
  ms: number;
}

export interface PortalLook {
  portal: URL;
  /** Through which it is reached; null: directly. Never with its password. */
  proxy: string | null;
  /** Each is null when a step before it did not go well. */
  name: PortalStep | null;
  connection: PortalStep | null;
  /** Also null where the address is not https. */
  certificate: PortalStep | null;
  answer: PortalStep | null;
}

const STEP_MS = 8_000;
const MAX_ANSWER = 64 * 1024;
const Health = z.object({ ok: z.literal(true), version: z.string() });

/** Goes the way as the daemon does: the same proxy, the same authorities, the same time limits or shorter. Never throws. */
export async function lookAtPortal(address: string, network: Network): Promise<PortalLook> {
  const portal = new URL(address);
  const proxy = proxyFor(portal, network);
  const look: PortalLook = {
    portal,
    proxy: proxy === null ? null : `${proxy.protocol}//${proxy.host}`,
    ...(await lookAtDoor(portal, network)),
    certificate: null,
    answer: null,
  };
  if (look.connection?.ok !== true) return look;
  const asked = await ask(portal, network);
  look.certificate = await certificateStep(asked, portal, proxy);
  if (look.certificate?.ok !== false) look.answer = asked;
  return look;
}

/** The first two steps to any address: its name or its proxy's, then a connection, closed at once. Never throws. */
export async function lookAtDoor(
  address: URL,
  network: Network,
): Promise<{ name: PortalStep; connection: PortalStep | null }> {
  const door = proxyFor(address, network) ?? address;
  const name = await timed(() => resolveName(door.hostname));
  return { name, connection: name.ok ? await timed(() => connect(door)) : null };
}

type Seen = Pick<PortalStep, 'ok' | 'said'>;

async function timed(work: () => Promise<Seen>): Promise<PortalStep> {
  const began = performance.now();
  const seen = await work();
  return { ...seen, ms: Math.round(performance.now() - began) };
}

async function resolveName(name: string): Promise<Seen> {
  const bare = name.replace(/^\[|\]$/g, '');
  if (net.isIP(bare) !== 0) return { ok: true, said: `${bare} is an address` };
  try {
    const found = await lookup(bare, { all: true });
    return { ok: true, said: `${bare} is ${found.map(({ address }) => address).join(', ')}` };
  } catch (error) {
    return { ok: false, said: `${bare} is not known here (${systemCode(error) ?? describe(error)})` };
  }
}

function connect(to: URL): Promise<Seen> {
  const host = to.hostname.replace(/^\[|\]$/g, '');
  const port = portOf(to);
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: STEP_MS });
    const end = (seen: Seen) => {
      socket.destroy();
      resolve(seen);
    };
    socket.once('connect', () => end({ ok: true, said: `${host}:${port} takes connections` }));
    socket.once('timeout', () => end({ ok: false, said: `${host}:${port} does not answer` }));
    socket.once('error', (error) =>
      end({ ok: false, said: `${host}:${port} cannot be reached (${systemCode(error) ?? describe(error)})` }),
    );
  });
}

const portOf = (url: URL) => Number(url.port || (url.protocol === 'https:' ? 443 : 80));

/** What came back, with the certificate that came with it; `failed` when nothing did. */
type Asked = PortalStep & { certificate: tls.PeerCertificate | null; code: string | null };

async function ask(portal: URL, network: Network): Promise<Asked> {
  const began = performance.now();
  const ms = () => Math.round(performance.now() - began);
  try {
    const response = await request(new URL('/api/health', portal), network);
    const socket = response.socket;
    const certificate = socket instanceof tls.TLSSocket ? socket.getPeerCertificate() : null;
    return { ...judgeAnswer(response.statusCode ?? 0, await readAnswer(response)), ms: ms(), certificate, code: null };
  } catch (error) {
    return { ok: false, said: explainNoAnswer(error), ms: ms(), certificate: null, code: systemCode(error) ?? null };
  }
}

function request(url: URL, network: Network): Promise<IncomingMessage> {
  const secure = url.protocol === 'https:';
  const agents = networkAgents(STEP_MS)(network, secure);
  const agent = secure ? agents.https : agents.http;
  return new Promise((resolve, reject) => {
    const options = { agent, timeout: STEP_MS, rejectUnauthorized: true, headers: { connection: 'close' } };
    const asking = (secure ? https : http).get(url, options, resolve);
    asking.once('timeout', () => asking.destroy(new Error('the portal does not answer')));
    asking.once('error', reject);
  });
}

async function readAnswer(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    text += chunk;
    if (text.length > MAX_ANSWER) response.destroy();
  }
  return text;
}

function judgeAnswer(status: number, text: string): Seen {
  const health = Health.safeParse(parse(text));
  if (health.success) return { ok: true, said: `a portal of version ${health.data.version} answers` };
  if (status === 407) return { ok: false, said: WANTS_A_NAME };
  return {
    ok: false,
    said: `what answers there (status ${status}) is no portal: a sign-in page, a proxy, another program`,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** null where it came to none, for reasons that are not its own. */
async function certificateStep(asked: Asked, portal: URL, proxy: URL | null): Promise<PortalStep | null> {
  const { ms, certificate, code } = asked;
  if (certificate !== null) return { ok: true, said: sayCertificate(certificate), ms };
  if (!/CERT|SELF_SIGNED|UNABLE_TO_|_TLS_|_SSL_|EPROTO/.test(code ?? '')) return null;
  // Only to name who issued it, never to send anything: without that nobody finds the inspecting proxy.
  const shown = await peekCertificate(portal, proxy);
  return { ok: false, said: shown === null ? asked.said : `${asked.said}; it is ${sayCertificate(shown)}`, ms };
}

async function peekCertificate(portal: URL, proxy: URL | null): Promise<tls.PeerCertificate | null> {
  const host = portal.hostname.replace(/^\[|\]$/g, '');
  const servername = net.isIP(host) === 0 ? host : '';
  const tunnel =
    proxy === null
      ? net.connect(portOf(portal), host)
      : await openTunnel(proxy, `${portal.hostname}:${portOf(portal)}`);
  if (tunnel === null) return null;
  return new Promise((resolve) => {
    const socket = tls.connect({ socket: tunnel, servername, rejectUnauthorized: false });
    const end = (seen: tls.PeerCertificate | null) => {
      socket.destroy();
      resolve(seen);
    };
    socket.setTimeout(STEP_MS);
    socket.once('secureConnect', () => end(socket.getPeerCertificate()));
    socket.once('timeout', () => end(null));
    for (const one of [socket, tunnel]) one.once('error', () => end(null));
  });
}

/** A connection through a proxy that speaks plain HTTP; null when it gives none. */
function openTunnel(proxy: URL, to: string): Promise<Duplex | null> {
  if (proxy.protocol !== 'http:') return Promise.resolve(null);
  const said = [proxy.username, proxy.password].map(decodeURIComponent).join(':');
  const headers = said === ':' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(said).toString('base64')}` };
  return new Promise((resolve) => {
    http
      .request({ host: proxy.hostname, port: portOf(proxy), method: 'CONNECT', path: to, headers, timeout: STEP_MS })
      .once('connect', ({ statusCode }, socket) => {
        if (statusCode !== 200) socket.destroy();
        resolve(statusCode === 200 ? socket : null);
      })
      .once('timeout', () => resolve(null))
      .once('error', () => resolve(null))
      .end();
  });
}

/** In words: for whom, by whom, until when. */
function sayCertificate({ subject, issuer, valid_to: until }: tls.PeerCertificate): string {
  const name = (of: tls.Certificate | undefined) => text(of?.CN) ?? text(of?.O) ?? 'nobody';
  const day = Number.isNaN(Date.parse(until)) ? 'an unknown day' : new Date(until).toISOString().slice(0, 10);
  return `for ${name(subject)}, issued by ${name(issuer)}, valid until ${day}`;
}

const text = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(', ') : value) || undefined;
