/** Streams to a SIEM: how fast what is stored leaves, what it costs, and what ingest makes at the same time. */
import { execFileSync, fork } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { EVENT_KINDS } from '../../src/core/event.ts';
import { enrolmentOf } from '../helpers/portal-events.ts';
import { figure, median, type Rows } from './figures.ts';
import type { Measurement } from './main.ts';
import { type BenchPortal, startPortalProcess } from './portal-process.ts';
import { traffic } from './portal-traffic.ts';
import { end, inFolder } from './stage.ts';

const EVENTS = 10_000;
const IN_A_BATCH = 100;
/** Agents that deliver at once. */
const AGENTS = 4;
const ROUNDS = 3;
/** As the kernel counts: hundredths of a second. */
const TICKS = 100;

interface Peer {
  http: number;
  syslog: number;
  bytes(): number;
  messages(): number;
  reached(messages: number): Promise<void>;
  stop(): Promise<void>;
}
interface Figures {
  seconds: number;
  /** Of the portal's processor. */
  cpu: number;
  bytes: number;
}

const WAYS = [
  { by: 'syslog', format: 'capsule', content: 'metadata' },
  { by: 'syslog', format: 'ocsf', content: 'full' },
  { by: 'http', format: 'capsule', content: 'metadata' },
  { by: 'http', format: 'ocsf', content: 'full' },
] as const;
type Way = (typeof WAYS)[number];

export const measurement: Measurement = {
  title: 'Streams to a SIEM',
  run: () =>
    inFolder(async (folder) => {
      const ca = makeCertificate(folder);
      const data = path.join(folder, 'portal');
      mkdirSync(data);
      const portal = await startPortalProcess(data, folder, ['--allow-local-destinations']);
      const peer = await startPeer(folder);
      try {
        return await measure(portal, peer, ca);
      } finally {
        await portal.stop();
        await peer.stop();
      }
    }),
};

async function measure(portal: BenchPortal, peer: Peer, ca: string): Promise<Rows> {
  const credential = await enrol(portal);
  const agents = (name: string) => () => deliver(portal, credential, traffic(name, EVENTS));
  await deliver(portal, credential, traffic('warm', 2_000));
  const alone: Figures[] = [];
  const sent = WAYS.map((): Sent[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await timing(portal, peer, agents(`alone-${round}`)));
    for (const [n, way] of WAYS.entries()) {
      const stream = await makeStream(portal, peer, ca, way);
      const stored = await sendStored(portal, peer, stream, agents(`stored-${round}-${n}`));
      const beside = await sendBeside(portal, peer, agents(`beside-${round}-${n}`));
      sent[n]?.push({ stored, ...beside });
      await ask(portal, 'DELETE', stream);
    }
  }
  const rate = (all: readonly Figures[]) => EVENTS / median(all.map(({ seconds }) => seconds));
  const cpu = (all: readonly Figures[]) => figure((median(all.map((each) => each.cpu)) * 1000) / EVENTS);
  const ingest = rate(alone);
  return [
    HEAD,
    ['ingest alone', '', '', '', figure(ingest), cpu(alone), '1', ''],
    ...WAYS.map(({ by, format, content }, n) => {
      const own = sent[n] ?? [];
      const [stored, beside] = [own.map((each) => each.stored), own.map((each) => each.ingest)];
      return [
        `${by === 'http' ? 'HTTP' : 'syslog, TLS'}: ${format}, ${content}`,
        ...[figure(rate(stored)), cpu(stored), figure(median(stored.map(({ bytes }) => bytes)) / EVENTS)],
        ...[figure(rate(beside)), cpu(beside), figure(rate(beside) / ingest)],
        figure(median(own.map(({ behindSeconds }) => behindSeconds))),
      ];
    }),
  ];
}

const HEAD = [
  ...['stream', 'stored events/s', 'processor, ms an event', 'bytes an event', 'ingest beside it, events/s'],
  ...['processor, ms an event', '× ingest alone', 's until all has arrived'],
];

interface Sent {
  stored: Figures;
  ingest: Figures;
  /** How long after the last was stored the last arrived. */
  behindSeconds: number;
}

/** Everything is there before the stream is switched on. */
async function sendStored(
  portal: BenchPortal,
  peer: Peer,
  stream: string,
  agents: () => Promise<void>,
): Promise<Figures> {
  await ask(portal, 'PATCH', stream, { enabled: false });
  await agents();
  const all = peer.reached(peer.messages() + EVENTS);
  return timing(portal, peer, async () => {
    await ask(portal, 'PATCH', stream, { enabled: true });
    await all;
  });
}

async function sendBeside(portal: BenchPortal, peer: Peer, agents: () => Promise<void>): Promise<Omit<Sent, 'stored'>> {
  const all = peer.reached(peer.messages() + EVENTS);
  const ingest = await timing(portal, peer, agents);
  const stored = performance.now();
  await all;
  return { ingest, behindSeconds: (performance.now() - stored) / 1000 };
}

async function timing(portal: BenchPortal, peer: Peer, work: () => Promise<void>): Promise<Figures> {
  const [begun, spent, came] = [performance.now(), cpuOf(portal.pid), peer.bytes()];
  await work();
  return {
    seconds: (performance.now() - begun) / 1000,
    cpu: cpuOf(portal.pid) - spent,
    bytes: peer.bytes() - came,
  };
}

/** Processor seconds of a process so far. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

async function makeStream(portal: BenchPortal, peer: Peer, ca: string, { by, ...choice }: Way): Promise<string> {
  const destination =
    by === 'http'
      ? { kind: 'http', url: `http://127.0.0.1:${peer.http}/in` }
      : { kind: 'syslog', host: 'localhost', port: peer.syslog, ca };
  const wanted = { ...choice, destination, kinds: EVENT_KINDS, severities: [] };
  const { stream } = (await ask(portal, 'POST', '/api/siem-streams', wanted)) as { stream: { id: string } };
  return `/api/siem-streams/${stream.id}`;
}

async function enrol(portal: BenchPortal): Promise<string> {
  const { credential } = (await ask({ ...portal, key: portal.token }, 'POST', '/v1/enroll', enrolmentOf())) as {
    credential: string;
  };
  return credential;
}

async function deliver(portal: BenchPortal, key: string, events: readonly CapsuleEvent[]): Promise<void> {
  let next = 0;
  const agent = async () => {
    while (next < events.length) {
      const batch = events.slice(next, next + IN_A_BATCH);
      next += IN_A_BATCH;
      await ask({ ...portal, key }, 'POST', '/v1/events', { events: batch });
    }
  };
  await Promise.all(Array.from({ length: AGENTS }, agent));
}

async function ask(
  { address, key }: Pick<BenchPortal, 'address' | 'key'>,
  method: string,
  where: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(new URL(where, address), {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${(await response.text()).slice(0, 200)}`);
  return response.json();
}

/** Of `localhost`, signed by itself, for two days. */
function makeCertificate(folder: string): string {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', 'cert.pem', ...names], { cwd: folder, stdio: 'ignore' });
  return readFileSync(path.join(folder, 'cert.pem'), 'utf8');
}

async function startPeer(folder: string): Promise<Peer> {
  const child = fork(fileURLToPath(new URL('stream-peer.ts', import.meta.url)), [folder], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ports = await new Promise<Pick<Peer, 'http' | 'syslog'>>((resolve) => {
    child.once('message', (message) => resolve(message as Pick<Peer, 'http' | 'syslog'>));
  });
  let came = { messages: 0, bytes: 0 };
  let waiting: { messages: number; resolve: () => void }[] = [];
  child.on('message', (message) => {
    came = message as typeof came;
    for (const each of waiting) if (came.messages >= each.messages) each.resolve();
    waiting = waiting.filter((each) => came.messages < each.messages);
  });
  return {
    ...ports,
    bytes: () => came.bytes,
    messages: () => came.messages,
    reached: (messages) =>
      new Promise((resolve) => {
        if (came.messages >= messages) resolve();
        else waiting.push({ messages, resolve });
      }),
    stop: () => end(child, 'SIGKILL'),
  };
}
