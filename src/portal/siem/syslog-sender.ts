import { createSocket } from 'node:dgram';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { systemCode } from '../../core/failure.ts';
import { OutOfReach, type Reach } from '../reach.ts';
import type { Sender } from './send-stream.ts';
import type { SyslogDestination } from './stream.ts';
import { frameSyslog } from './syslog-message.ts';
import type { Trouble } from './trouble.ts';

/** To be connected, and whenever the receiver reads nothing more. */
const TIMEOUT_MS = 15_000;
/** For all of it, however slowly it is read. */
const LONGEST_MS = 60_000;

/**
 * Sends messages over one connection and answers what it met; null: they arrived. Syslog acknowledges nothing, so they count as
 * arrived when the receiver, told that no more comes, has read to the end and closes in order; one that is killed before that
 * breaks the connection. UDP tells nothing: what was handed to the network counts.
 */
export async function sendSyslog(
  destination: SyslogDestination,
  { reach, signal }: Pick<Sender, 'reach' | 'signal'>,
  messages: readonly Buffer[],
): Promise<Trouble | null> {
  try {
    if (!reach.mayTry(destination.host)) throw new OutOfReach();
    if (destination.transport === 'udp') await sendDatagrams(destination, reach, messages);
    else await sendOver(destination, reach, Buffer.concat(messages.map(frameSyslog)), signal);
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

async function sendOver(
  destination: SyslogDestination,
  reach: Reach,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const socket = open(destination, reach);
  const late = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  let connected = false;
  const giveUp = (ms: number) => socket.destroy(new NoAnswer(ms, connected));
  const tooLate = () => giveUp(LONGEST_MS);
  late.addEventListener('abort', tooLate);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(TIMEOUT_MS, () => giveUp(TIMEOUT_MS));
      socket.on('error', reject);
      // What a receiver says is of no meaning; unread, its end would not be noticed.
      socket.resume();
      socket.on('end', () => (connected ? resolve() : reject(new HungUp())));
      socket.on('close', () => reject(new HungUp()));
      socket.once(destination.transport === 'tls' ? 'secureConnect' : 'connect', () => {
        connected = true;
        socket.end(bytes);
      });
    });
  } finally {
    late.removeEventListener('abort', tooLate);
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

class NoAnswer extends Error {
  readonly ms: number;
  readonly connected: boolean;

  constructor(ms: number, connected: boolean) {
    super();
    this.ms = ms;
    this.connected = connected;
  }
}
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

function inWords(error: unknown, { transport }: SyslogDestination): Trouble {
  const said = (words: string, tooMuch = false): Trouble => ({ words, tooMuch });
  if (error instanceof OutOfReach) return said('this portal does not connect to that address');
  if (error instanceof NoAnswer) return said(`no answer in ${error.ms / 1000} s`, error.connected);
  if (error instanceof HungUp) return said('the receiver hung up before it had everything', true);
  const code = systemCode(error) ?? '';
  if (code.startsWith('ERR_SSL_')) return said('TLS could not be agreed on');
  const unknown = transport === 'tls' ? 'TLS could not be agreed on' : 'could not be reached';
  return said(WORDS[code] ?? unknown, code === 'ECONNRESET' || code === 'EPIPE');
}
