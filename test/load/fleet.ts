/** Agents as a portal meets them: one request at a time each, their own way of waiting after a failure, nothing given up. */
import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { nextDelay, retryAfter } from '../../src/relay/retry.ts';
import { enrolmentOf } from '../helpers/portal-events.ts';
import { type Answered, post } from './post.ts';
import { deviceOf, idsOf, turnOf } from './turns.ts';

export interface Answers {
  /** ms from sending to the answer, of those that were 200. */
  times: number[];
  /** 503 with a time to come again: the portal had too much to do. */
  shed: number;
  /** Every other answer but 200, and none. */
  failed: number;
  /** Of these the ones that had no answer for as long as a real agent waits for one. */
  late: number;
  /** Most requests that were under way at once. */
  most: number;
}

/** A stretch in which each agent has one thing to do. */
export interface Coming extends Answers {
  /** When each had done it, in ms as `performance.now` counts. */
  done: number[];
}

export interface Fleet {
  /** All come at once to enrol, and again as a real agent does, until it is `until` (as `performance.now`); then a heartbeat of each. */
  enrol(token: string, until: number): Promise<Coming>;
  enrolled(): number;
  /** Turn after turn at this many a second, and a heartbeat of each agent every 15 minutes, until then. */
  work(turnsASecond: number, until: number): Promise<Answers>;
  /** One heartbeat of each, 100 at once. A real agent sends a lost one not again, but the next at its time. */
  beat(until: number): Promise<Answers>;
  /** Each has a turn that it cannot deliver yet, and tries. Ends when all are delivered or it is `until`, which is asked for each time. */
  storm(until: () => number): { coming: Coming; ended: Promise<unknown> };
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

export function simulate(count: number, addresses: () => readonly string[]): Fleet {
  // A real agent keeps its connection for a minute. Here a free one serves the next agent, so as many are open as are needed at once.
  const connections = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 10_000 });
  const agents: Agent[] = [];
  const [acknowledged, sent] = [new Set<string>(), new Set<string>()];
  const bytes = { json: 0, wire: 0 };
  let requests = 0;
  let under = 0;

  /** Each try goes to the next replica, as a balancer without memory sends it. */
  const ask = async (answers: Answers, path: string, secret: string, json: string): Promise<Answered> => {
    const all = addresses();
    const base = all[requests++ % Math.max(1, all.length)];
    answers.most = Math.max(answers.most, ++under);
    const answer = base === undefined ? NOBODY : await post(connections, new URL(path, base), secret, json);
    under--;
    note(answers, answer);
    if (answer.status === 200 && path === '/v1/events') {
      bytes.json += json.length;
      bytes.wire += answer.bytes;
    }
    return answer;
  };

  /** Until a 200, by the agent's own function for its waits; undefined when the next try would come after `until`. */
  const insist = async (
    answers: Answers,
    until: () => number,
    request: { path: string; secret: string; json: string },
  ): Promise<Record<string, unknown> | undefined> => {
    for (let attempt = 1; ; attempt++) {
      const answer = await ask(answers, request.path, request.secret, request.json);
      if (answer.status === 200) return JSON.parse(answer.text) as Record<string, unknown>;
      const delay = nextDelay(attempt, Math.random(), retryAfter(answer.retryAfter, new Date()));
      if (performance.now() + delay > until()) return undefined;
      await wait(delay);
    }
  };
  const deliver = async (answers: Answers, agent: Agent, until: () => number): Promise<boolean> => {
    const turn = agent.turns++;
    const ids = idsOf(agent.n, turn);
    const events = turnOf(agent.n, turn, new Date());
    for (const id of ids) sent.add(id);
    const request = { path: '/v1/events', secret: agent.credential, json: JSON.stringify({ events }) };
    const answer = await insist(answers, until, request);
    if (answer === undefined) return false;
    const { accepted, duplicates } = answer as { accepted: number; duplicates: number };
    if (accepted + duplicates === ids.length) for (const id of ids) acknowledged.add(id);
    return true;
  };
  const beat = (answers: Answers, agent: Agent) => ask(answers, '/v1/heartbeat', agent.credential, HEARTBEAT);

  return {
    async enrol(token, until) {
      const coming: Coming = { ...none(), done: [] };
      const one = async (n: number) => {
        const json = JSON.stringify({ ...enrolmentOf(deviceOf(n)), user: `user-${n}` });
        const answer = await insist(coming, () => until, { path: '/v1/enroll', secret: token, json });
        if (answer === undefined) return;
        coming.done.push(performance.now());
        const agent = { n, credential: String(answer.credential), turns: 0, busy: false };
        agents.push(agent);
        await beat(coming, agent);
      };
      await Promise.all(Array.from({ length: count }, (_, n) => one(n)));
      return coming;
    },
    enrolled: () => agents.length,
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
      let next = 0;
      const one = async () => {
        for (let agent = agents[next++]; agent !== undefined && performance.now() < until; agent = agents[next++])
          await beat(answers, agent);
      };
      await Promise.all(Array.from({ length: 100 }, one));
      return answers;
    },
    storm(until) {
      const coming: Coming = { ...none(), done: [] };
      const one = async (agent: Agent) => {
        if (await deliver(coming, agent, until)) coming.done.push(performance.now());
      };
      return { coming, ended: Promise.all(agents.map(one)) };
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

const NOBODY: Answered = { status: null, late: false, text: '', retryAfter: undefined, ms: 0, bytes: 0 };
const none = (): Answers => ({ times: [], shed: 0, failed: 0, late: 0, most: 0 });

/** Counts an answer. */
function note(answers: Answers, { status, ms, late, retryAfter: asked }: Answered): void {
  if (status === 200) answers.times.push(ms);
  else if (status === 503 && asked !== undefined) answers.shed++;
  else answers.failed++;
  if (late) answers.late++;
}
