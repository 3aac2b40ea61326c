import type { ServerResponse } from 'node:http';
import type { Announcer } from './announcer.ts';
import type { Answer } from './answer.ts';
import type { StreamMessage } from './answers.ts';

/** At most one message in this time: a page has nothing from being told more often. */
const INTERVAL_MS = 1_000;
/** Then the page asks again. */
const LIFE_MS = 3_600_000;
/** Proxies close what is silent for long; and so long at most does whoever was signed out listen on. */
const BEAT_MS = 25_000;

/** `GET /api/stream`: server-sent events that say what changed, collected over a second, for as long as who asked is `stillIn`. */
export function streamChanges(announcer: Announcer, org: string, stillIn: () => Promise<boolean>): Answer {
  return {
    stream(response) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(': hello\n\n');
      const collector = collectChanges((message) => write(response, message));
      const stop = announcer.listen(org, collector.add, () => response.end());
      const beat = setInterval(async () => {
        if (await stillIn()) response.write(': beat\n\n');
        else response.end();
      }, BEAT_MS).unref();
      const end = setTimeout(() => response.end(), LIFE_MS).unref();
      response.on('close', () => {
        clearTimeout(end);
        stop();
        collector.stop();
        clearInterval(beat);
      });
    },
  };
}

const write = (response: ServerResponse, message: StreamMessage): void => {
  response.write(`data: ${JSON.stringify(message)}\n\n`);
};

/** Passes the first message on at once and what follows within a second as one. */
export function collectChanges(send: (message: StreamMessage) => void): {
  add(message: StreamMessage): void;
  stop(): void;
} {
  let waiting: StreamMessage | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    if (waiting === undefined) return;
    send(waiting);
    waiting = undefined;
    timer = setTimeout(flush, INTERVAL_MS).unref();
  };
  return {
    add(message) {
      waiting = waiting === undefined ? message : merge(waiting, message);
      if (timer === undefined) flush();
    },
    stop: () => clearTimeout(timer),
  };
}

const merge = (a: StreamMessage, b: StreamMessage): StreamMessage => ({
  events: a.events + b.events,
  ...(a.detections === undefined && b.detections === undefined
    ? {}
    : { detections: (a.detections ?? 0) + (b.detections ?? 0) }),
  sessions: [...new Set([...a.sessions, ...b.sessions])],
  agents: [...new Set([...a.agents, ...b.agents])],
});
