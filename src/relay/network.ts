import { readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { describe } from '../core/failure.ts';

/** How this machine reaches the world, from the settings: the daemon that starts at login sees nobody's shell. */
export interface Network {
  /** A PEM file with authorities to trust besides those of Node and of the system. */
  caFile: string | null;
  /** `http://[user:password@]host:port`; the password goes to the proxy and nowhere else. */
  proxyUrl: string | null;
  /** What is reached without the proxy, as `NO_PROXY` says it. This machine itself always is. */
  proxyBypass: string | null;
}

export interface Agents {
  http: http.Agent;
  https?: https.Agent;
}

const THIS_MACHINE = 'localhost,127.0.0.1,::1';
/**
 * The connections to one portal, kept as long as the settings stay the same; the authorities are gathered only for https
 * (the system's cost 80 ms). A connection that is quiet for `quietMs` and not in use is given up. Throws an error that names `caFile` when that cannot be used.
 */
export function networkAgents(quietMs: number): (network: Network, secure: boolean) => Agents {
  let made: { key: string; agents: Agents } | undefined;
  return (network, secure) => {
    const key = JSON.stringify([network, secure, changedAt(network.caFile)]);
    if (made?.key === key) return made.agents;
    made?.agents.http.destroy();
    made?.agents.https?.destroy();
    // Nothing else bounds a proxy that takes a connection and never opens the tunnel.
    const options = { keepAlive: true, timeout: quietMs, proxyEnv: proxyEnv(network) };
    const agents: Agents = { http: new http.Agent(options) };
    if (secure) agents.https = new https.Agent({ ...options, secureContext: trust(network.caFile) });
    made = { key, agents };
    return agents;
  };
}

function proxyEnv({ proxyUrl, proxyBypass }: Network): NodeJS.ProcessEnv {
  if (proxyUrl === null) return {};
  return { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl, NO_PROXY: bypassList(proxyBypass) };
}

const bypassList = (bypass: string | null) => (bypass === null ? THIS_MACHINE : `${THIS_MACHINE},${bypass}`);

/** The proxy through which an address is reached, by Node's own rules for `NO_PROXY`; null: directly. For telling. Pure. */
export function proxyFor(address: URL, { proxyUrl, proxyBypass }: Network): URL | null {
  if (proxyUrl === null) return null;
  const host = address.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const entries = bypassList(proxyBypass)
    .toLowerCase()
    .split(/[\s,]+/);
  const direct = entries.some((entry) => {
    const [, name = entry, port] = /^(.*[^:]):(\d+)$/.exec(entry) ?? [];
    if (port !== undefined && port !== address.port) return entry === host;
    const suffix = name.replace(/^\*?(?=\.)/, '');
    return name === '*' || name === host || (suffix.startsWith('.') && host.endsWith(suffix));
  });
  return direct ? null : new URL(proxyUrl);
}

/** Node's authorities, the system's (where a company puts its own), and those of the settings. */
function trust(caFile: string | null): tls.SecureContext {
  const own = caFile === null ? [] : [readFileSync(caFile, 'utf8')];
  const ca = new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system'), ...own]);
  try {
    return tls.createSecureContext({ ca: [...ca] });
  } catch (error) {
    throw new Error(`${caFile} holds no certificate that can be used: ${describe(error)}`, { cause: error });
  }
}

function changedAt(file: string | null): number | undefined {
  return file === null ? undefined : statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
