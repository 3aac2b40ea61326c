import { createSocket } from 'node:dgram';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { systemCode } from '../../core/failure.ts';
import { OutOfReach, type Reach } from '../reach.ts';
import type { SyslogDestination } from './stream.ts';
import { frameSyslog } from './syslog-message.ts';

const TIMEOUT_MS = 15_000;

/**
 * Sends messages over one connection and answers what it met; null: they arrived. Syslog acknowledges nothing, so they count as
 * arrived when the receiver, told that no more comes, has read to the end and closes in order; one that is killed before that
 * breaks the connection. UDP tells nothing: what was handed to the network counts.
 */
export async function sendSyslog(
  destination: SyslogDestination,
  reach: Reach,
  messages: readonly Buffer[],
): Promise<string | null> {
  try {
    if (!reach.mayTry(destination.host)) throw new OutOfReach();
    if (destination.transport === 'udp') await sendDatagrams(destination, reach, messages);
    else await sendOver(destination, reach, messages);
    return null;
  } catch (error) {
    return inWords(error, destination);
  }
}

async function sendDatagrams(
  { host, port }: SyslogDestination,
  { lookup }: Reach,
  messages: readonly Buffer[],
): Promise<void> {
  const family = isIP(host) === 6 ? 6 : 4;
  // Not by the socket, which would look up its own address, too.
  const address = await new Promise<string>((resolve, reject) =>
    lookup(host, { family }, (error, found) => (error === null ? resolve(String(found)) : reject(error))),
  );
  const socket = createSocket(`udp${family}`);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      const sendFrom = (index: number): void => {
        const message = messages[index];
        if (message === undefined) resolve();
        else socket.send(message, port, address, (error) => (error === null ? sendFrom(index + 1) : reject(error)));
      };
      sendFrom(0);
    });
  } finally {
    socket.close();
  }
}

async function sendOver(destination: SyslogDestination, reach: Reach, messages: readonly Buffer[]): Promise<void> {
  const socket = open(destination, reach);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(TIMEOUT_MS, () => reject(new NoAnswer()));
      socket.on('error', reject);
      // What a receiver says is of no meaning; unread, its end would not be noticed.
      socket.resume();
      let ended = false;
      socket.on('end', () => (ended ? resolve() : reject(new HungUp())));
      socket.on('close', () => reject(new HungUp()));
      socket.once(destination.transport === 'tls' ? 'secureConnect' : 'connect', () => {
        ended = true;
        socket.end(Buffer.concat(messages.map(frameSyslog)));
      });
    });
  } finally {
    socket.destroy();
  }
}

function open({ host, port, transport, ca }: SyslogDestination, { lookup }: Reach): Socket {
  if (transport === 'tcp') return connectPlain({ host, port, lookup, allowHalfOpen: true });
  return connectTls({
    ...{ host, port, lookup, allowHalfOpen: true, minVersion: 'TLSv1.2' },
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== null && { ca }),
  });
}

class NoAnswer extends Error {}
class HungUp extends Error {}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'the name of the host is unknown',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  ECONNRESET: 'the receiver broke the connection',
  EPIPE: 'the receiver broke the connection',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the host cannot be reached',
  EMSGSIZE: 'a message is too large for UDP',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted: give its authority’s certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted: give its authority’s certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted: give its authority’s certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted: give its authority’s certificate',
};

function inWords(error: unknown, { transport }: SyslogDestination): string {
  if (error instanceof OutOfReach) return 'this portal does not connect to that address';
  if (error instanceof NoAnswer) return `no answer in ${TIMEOUT_MS / 1000} s`;
  if (error instanceof HungUp) return 'the receiver hung up before it had everything';
  const code = systemCode(error) ?? '';
  if (code.startsWith('ERR_SSL_')) return 'TLS could not be agreed on';
  return WORDS[code] ?? (transport === 'tls' ? 'TLS could not be agreed on' : 'could not be reached');
}
