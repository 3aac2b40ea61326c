/** Agents as a portal meets them: one request at a time each, their own way of waiting after a failure, nothing given up. */
import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { nextDelay } from '../../src/relay/retry.ts';
import { enrolmentOf } from '../helpers/portal-events.ts';
import { deviceOf, idsOf, turnOf } from './turns.ts';

/** As `relay/portal-client.ts` packs, and waits for an answer. */
const pack = promisify(gzip);
const RESPONSE_MS = 30_000;

export interface Answers {
  /** ms from sending to the answer, of those that were 200. */
  times: number[];
  failed: number;
  /** Of these the ones that had no answer for as long as a real agent waits for one. */
  late: number;
  /** Most requests that were under way at once. */
  most: number;
}

export interface Fleet {
  /** Has every agent enrol, so many at once; answers how many did before `until` (as `performance.now`). */
  enrol(token: string, until: number): Promise<number>;
  /** Turn after turn at this many a second, and a heartbeat of each agent every 15 minutes, until then. */
  work(turnsASecond: number, until: number): Promise<Answers>;
  /** One heartbeat of each, 100 at once. */
  beat(until: number): Promise<Answers>;
  /** Each has a turn that it cannot deliver yet, and tries. Ends when all are delivered or it is `until`, which is asked for each time. */
  storm(until: () => number): { away: Answers; done: Promise<{ waiting: number }> };
  /** What was acknowledged, and all that was sent. */
  told(): { acknowledged: Set<string>; sent: Set<string>; bytes: { json: number; wire: number } };
  close(): void;
}

interface Agent {
  n: number;
  credential: string;
  turns: number;
  busy: boolean;
}

/** `compress`: by how much the waits between an agent's tries are shortened. */
export function simulate(count: number, addresses: () => readonly string[], compress: number): Fleet {
  // A real agent keeps its connection for a minute. Here a free one serves the next agent, so as many are open as are needed at once.
  const connections = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 10_000 });
  const agents: Agent[] = [];
  const [acknowledged, sent] = [new Set<string>(), new Set<string>()];
  const bytes = { json: 0, wire: 0 };
  let requests = 0;

  /** The body of a 200, or undefined. Each try goes to the next replica, as a balancer without memory sends it. */
  const ask = async (
    answers: Answers,
    path: string,
    secret: string,
    body: string,
  ): Promise<Record<string, unknown> | undefined> => {
    const all = addresses();
    const base = all[requests++ % Math.max(1, all.length)];
    if (base === undefined) return void answers.failed++;
    const packed = await pack(body, { level: 1 });
    const begun = performance.now();
    answers.most = Math.max(answers.most, ++under);
    const answer = await post(connections, new URL(path, base), secret, packed);
    under--;
    if (answer === 'late') answers.late++;
    if (answer === 'late' || answer?.status !== 200) return void answers.failed++;
    answers.times.push(performance.now() - begun);
    if (path === '/v1/events') {
      bytes.json += body.length;
      bytes.wire += packed.length;
    }
    return JSON.parse(answer.text) as Record<string, unknown>;
  };
  let under = 0;

  const deliver = async (answers: Answers, agent: Agent, until: () => number): Promise<boolean> => {
    const turn = agent.turns++;
    const ids = idsOf(agent.n, turn);
    const events = turnOf(agent.n, turn, new Date());
    for (const id of ids) sent.add(id);
    const body = JSON.stringify({ events });
    for (let attempt = 1; ; attempt++) {
      const answer = await ask(answers, '/v1/events', agent.credential, body);
      if (answer !== undefined) {
        const { accepted, duplicates } = answer as { accepted: number; duplicates: number };
        if (accepted + duplicates === ids.length) for (const id of ids) acknowledged.add(id);
        return true;
      }
      if (performance.now() > until()) return false;
      await wait(nextDelay(attempt, Math.random()) / compress);
    }
  };
  const beat = (answers: Answers, agent: Agent) => ask(answers, '/v1/heartbeat', agent.credential, HEARTBEAT);

  return {
    async enrol(token, until) {
      const answers = none();
      await pool(count, 64, until, async (n) => {
        const body = JSON.stringify({ ...enrolmentOf(deviceOf(n)), user: `user-${n}` });
        const answer = await ask(answers, '/v1/enroll', token, body);
        if (answer !== undefined) agents.push({ n, credential: String(answer.credential), turns: 0, busy: false });
      });
      return agents.length;
    },
    async work(turnsASecond, until) {
      const answers = none();
      const going: Promise<unknown>[] = [];
      const beatsASecond = agents.length / 900;
      let [turns, beats, begun] = [0, 0, performance.now()];
      while (performance.now() < until) {
        const seconds = (performance.now() - begun) / 1000;
        for (; turns < seconds * turnsASecond; turns++) {
          const agent = agents[Math.floor(Math.random() * agents.length)];
          if (agent === undefined || agent.busy) continue;
          agent.busy = true;
          going.push(deliver(answers, agent, () => until).finally(() => (agent.busy = false)));
        }
        for (; beats < seconds * beatsASecond; beats++) {
          const agent = agents[beats % agents.length];
          if (agent !== undefined) going.push(beat(none(), agent));
        }
        await wait(5);
      }
      await Promise.all(going);
      return answers;
    },
    async beat(until) {
      const answers = none();
      await pool(agents.length, 100, until, async (n) => {
        const agent = agents[n];
        if (agent !== undefined) await beat(answers, agent);
      });
      return answers;
    },
    storm(until) {
      const away = none();
      const each = agents.map((agent) => deliver(away, agent, until));
      return { away, done: Promise.all(each).then((done) => ({ waiting: done.filter((ok) => !ok).length })) };
    },
    told: () => ({ acknowledged, sent, bytes }),
    close: () => connections.destroy(),
  };
}

const HEARTBEAT = JSON.stringify({
  ...{ agentVersion: '0.1.0', kiro: [{ generation: 'ide-1.x', version: '1.0.411' }], health: [] },
  attachments: { attached: 12, known: 14, remote: 1, missing: 1, excluded: 0 },
  outbox: { events: 0, bytes: 0, oldest: null },
});

const none = (): Answers => ({ times: [], failed: 0, late: 0, most: 0 });

/** `work` for 0 … count - 1, so many at once; begins none after `until`. */
async function pool(count: number, atOnce: number, until: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count && performance.now() < until) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

function post(
  agent: http.Agent,
  url: URL,
  secret: string,
  body: Buffer,
): Promise<{ status: number; text: string } | 'late' | undefined> {
  return new Promise((resolve) => {
    const headers = {
      ...{ authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      ...{ 'content-encoding': 'gzip', 'content-length': body.length },
    };
    const request = http.request(url, { agent, method: 'POST', headers, timeout: RESPONSE_MS }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      answer.on('error', () => resolve(undefined));
    });
    request.on('timeout', () => {
      resolve('late');
      request.destroy();
    });
    request.on('error', () => resolve(undefined));
    request.end(body);
  });
}
