import http from 'node:http';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { readIfExists } from '../core/careful-file.ts';
import { Failure, systemCode } from '../core/failure.ts';
import type { OwnPaths } from '../core/host.ts';

const Endpoint = z.object({ socket: z.string(), pid: z.number().int(), version: z.string(), startedAt: z.string() });
export type Endpoint = z.infer<typeof Endpoint>;

/** Where the daemon last said it is; undefined when it never did. It may be gone since. */
export function readEndpoint(own: OwnPaths): Endpoint | undefined {
  const text = readIfExists(own.endpoint)?.toString('utf8');
  if (text === undefined) return undefined;
  try {
    return Endpoint.parse(JSON.parse(text));
  } catch {
    // Half-written or foreign: the same as a daemon that is not there.
    return undefined;
  }
}

/**
 * The command line for a daemon that does not answer: ends its process, even one that was stopped, and starts it again. What
 * it was doing is done again. Pure.
 */
export function endAndStart(pid: number | undefined, platform: string = process.platform): string {
  return `${platform === 'win32' ? 'taskkill /F /PID' : 'kill -9'} ${pid ?? 'PROCESS'}; capsule-kiro start`;
}

const ANSWERS_WITHIN_MS = 5_000;
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTSOCK']);

/**
 * Asks the daemon over the local socket: its JSON answer, undefined when no daemon is there, `hung` when one is but does
 * not answer within `limitMs`.
 */
export async function askDaemon(
  own: OwnPaths,
  method: 'GET' | 'POST',
  path: string,
  limitMs = 5_000,
): Promise<unknown> {
  const endpoint = readEndpoint(own);
  if (endpoint === undefined) return undefined;
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath: endpoint.socket, method, path, timeout: limitMs }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(parse(text)));
      response.on('error', () => resolve(undefined));
    });
    request.on('timeout', () => {
      resolve('hung');
      request.destroy();
    });
    request.on('error', (error) => {
      if (NOBODY.has(systemCode(error) ?? '')) resolve(undefined);
      else reject(error);
    });
    request.end();
  });
}

/**
 * Listens to what the daemon tells, line by line, until `until` resolves or it ends. Answers false when no daemon is there,
 * or one that has nothing to tell. Throws `daemon-down` when one is there and does not answer.
 */
export async function followDaemon(
  own: OwnPaths,
  path: string,
  line: (text: string) => void,
  until: Promise<void>,
): Promise<boolean> {
  const endpoint = readEndpoint(own);
  if (endpoint === undefined) return false;
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath: endpoint.socket, path, timeout: ANSWERS_WITHIN_MS }, (response) => {
      request.setTimeout(0);
      if (response.statusCode !== 200) {
        resolve(false);
        return void request.destroy();
      }
      const lines = createInterface(response).on('line', line);
      // A connection that breaks off comes as an error of the lines, too.
      for (const end of ['close', 'error']) lines.on(end, () => resolve(true));
    });
    request.on('error', (error) => {
      if (NOBODY.has(systemCode(error) ?? '')) resolve(false);
      else reject(error);
    });
    request.on('timeout', () => {
      const hint = `End it, and start it again: ${endAndStart(endpoint.pid)}`;
      reject(new Failure('daemon-down', `The daemon (process ${endpoint.pid}) is there but does not answer`, { hint }));
      request.destroy();
    });
    request.end();
    void until.then(() => {
      resolve(true);
      request.destroy();
    });
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
