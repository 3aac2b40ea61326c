/** What each answer of an OpenTelemetry endpoint does to the events that were sent: real HTTP, timers when the test says so. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { CapsuleEvent } from '../../../src/core/event.ts';
import { Failure } from '../../../src/core/failure.ts';
import { Delivery } from '../../../src/relay/delivery.ts';
import type { Network } from '../../../src/relay/network.ts';
import { otlpSender, withoutQuotes } from '../../../src/relay/otlp/sender.ts';
import type { PartialSuccess } from '../../../src/relay/otlp/verdict.ts';
import type { Outbox } from '../../../src/relay/outbox.ts';
import { portalClient } from '../../../src/relay/portal-client.ts';
import { certificate, hasOpenssl } from '../../helpers/certificates.ts';
import { anEvent } from '../../helpers/events.ts';
import { type Answers, type Asked, httpPortal } from '../../helpers/http-portal.ts';
import { now, open, outboxFile } from '../../helpers/outboxes.ts';
import { tlsFront, tunnelTo } from '../../helpers/proxy.ts';

const running: Delivery[] = [];
afterEach(async () => {
  for (const delivery of running.splice(0)) await delivery.stop();
});

interface Given {
  headers?: () => Record<string, string>;
  base?: string;
  compress?: boolean;
  kind?: (n: number) => CapsuleEvent;
  /** Instead of the way straight to the server: what of the network's is between, and the name it is known by there. */
  between?: (url: string) => Promise<{ network: Network; endpoint: string }>;
}
const DIRECT: Network = { caFile: null, proxyUrl: null, proxyBypass: null };

const tool = (n: number): CapsuleEvent => anEvent<'tool.invoked'>(n, { kind: 'tool.invoked', body: BODY });
const BODY = {
  callId: 'c',
  name: 'read',
  kind: 'read',
  mcpServer: null,
  arguments: { path: 'x'.repeat(2_000) },
  result: null,
  success: true,
  exitCode: null,
  startedAt: null,
  endedAt: null,
  durationMs: 5,
  approval: null,
  subAgent: null,
};

const GAP = { count: 1, firstTime: now().toISOString(), lastTime: now().toISOString(), reason: 'outbox limit' };

async function deliver(answers: Answers, events: number, given: Given = {}) {
  const { headers = () => ({}), base = '', compress = true, kind = tool, between } = given;
  const endpoint = await httpPortal(answers);
  const way = await (between?.(endpoint.url) ?? { network: DIRECT, endpoint: endpoint.url });
  const outbox = open(outboxFile());
  outbox.want(['otlp']);
  outbox.commit({ events: Array.from({ length: events }, (_, n) => kind(n + 1)) });
  const partial: PartialSuccess[] = [];
  const timers: { ms: number; fire: () => void }[] = [];
  const delivery = new Delivery({
    outbox: otlpEnd(outbox),
    sender: otlpSender({
      ask: portalClient({ network: () => way.network, peer: 'the endpoint' }),
      endpoint: () => `${way.endpoint}${base}`,
      headers,
      compress: () => compress,
      teller: { version: '0.1.0', hostName: null },
      partly: (part) => partial.push(part),
    }),
    shorten: () => undefined,
    now,
    theirNow: now,
    random: () => 0.5,
    later(ms, fire) {
      const timer = { ms, fire };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    turn: async () => {},
    changed: () => {},
  });
  running.push(delivery);
  delivery.wake('events');
  await delivery.settled();
  return { endpoint, outbox, delivery, timers, partial };
}

const otlpEnd = (outbox: Outbox) => ({
  next: (most: number, bytes: number) => outbox.nextForOtlp(most, bytes, 0),
  acknowledge: (ids: readonly string[]) => outbox.acknowledge(ids, 'otlp'),
  reject: (refusals: Parameters<Outbox['reject']>[0]) => outbox.reject(refusals, 'otlp'),
  replace: () => {},
});

const taken = () => ({ status: 200, body: {} });
const spansIn = ({ text }: Asked): number =>
  (JSON.parse(text) as { resourceSpans: [{ scopeSpans: [{ spans: unknown[] }] }] }).resourceSpans[0].scopeSpans[0].spans
    .length;

test('everything goes, a hundred at a time, compressed, with the file’s headers, below the endpoint’s own path', async () => {
  const given = { base: '/otlp/', headers: () => ({ authorization: 'Bearer key', 'x-tenant': 'acme' }) };
  const { endpoint, outbox, delivery } = await deliver(taken, 150, given);
  expect(endpoint.asked.map((asked) => [asked.path, spansIn(asked), asked.authorization, asked.encoding])).toEqual([
    ['/otlp/v1/traces', 100, 'Bearer key', 'gzip'],
    ['/otlp/v1/traces', 50, 'Bearer key', 'gzip'],
  ]);
  expect([outbox.counts().events, delivery.state()]).toMatchObject([0, { state: 'idle', delivered: 150 }]);
});

describe('an answer', () => {
  test.each([
    [200, { partialSuccess: null }],
    [200, ''],
    [201, ''],
    [202, { partialSuccess: {} }],
    [204, ''],
  ])('%i with %j acknowledges', async (status, body) => {
    const { outbox } = await deliver(() => ({ status, body }), 1);
    expect(outbox.depth('otlp')).toMatchObject({ events: 0, rejected: 0 });
  });

  test.each([429, 502, 503, 504])('%i makes it wait, as long as it asks for', async (status) => {
    const { outbox, delivery, timers } = await deliver(() => ({ status, headers: { 'retry-after': '77' } }), 3);
    expect(outbox.depth('otlp')).toMatchObject({ events: 3, rejected: 0 });
    expect(delivery.state()).toMatchObject({ state: 'waiting', why: `the OpenTelemetry endpoint answered ${status}` });
    expect(timers.map(({ ms }) => ms)).toEqual([77_000]);
  });

  test.each<[string, Answers]>([
    ['a page of a network', () => ({ status: 200, body: '<html>sign in</html>' })],
    ['another program’s JSON', () => ({ status: 200, body: [1] })],
    ['a redirect', () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } })],
    ['a proxy that wants a name', () => ({ status: 407 })],
    ['none at all', () => 'hang up'],
  ])('that is none of the endpoint’s makes it wait: %s', async (_, answers) => {
    const { endpoint, outbox, delivery } = await deliver(answers, 1);
    expect(outbox.depth('otlp')).toMatchObject({ events: 1, rejected: 0 });
    expect(delivery.state().state).toBe('waiting');
    expect(endpoint.asked).toHaveLength(1);
  });

  test.each([401, 403, 404])(
    '%i keeps everything until somebody has corrected the key or the address',
    async (status) => {
      const { endpoint, outbox, delivery, timers } = await deliver(() => ({ status }), 3);
      expect(outbox.depth('otlp')).toMatchObject({ events: 3, rejected: 0 });
      expect(delivery.state()).toMatchObject({ state: 'held', why: `the OpenTelemetry endpoint answered ${status}` });
      expect([endpoint.asked.length, timers.map(({ ms }) => ms)]).toEqual([1, [300_000]]);
    },
  );

  test.each([405, 408, 409, 500, 501])('%i sets aside what was sent, and holds up nothing', async (status) => {
    const first = tool(1).id;
    const answers = ({ text }: Asked) => (text.includes(`"${first}"`) ? { status } : taken());
    const { outbox, delivery } = await deliver(answers, 150);
    expect(outbox.depth('otlp')).toMatchObject({ events: 0, rejected: 100 });
    expect(delivery.state()).toMatchObject({ state: 'idle', delivered: 50 });
  });

  test.each([400, 422])('%i costs only the event that is the trouble', async (status) => {
    const bad = tool(7).id;
    const { outbox } = await deliver(({ text }) => (text.includes(bad) ? { status } : taken()), 20);
    expect(outbox.depth('otlp')).toMatchObject({ events: 0, rejected: 1 });
  });

  test('400 for a part of a turn costs that part alone', async () => {
    const kinds = ['prompt.submitted', 'agent.responded', 'agent.responded', 'turn.ended'] as const;
    const counts = { prompts: 1, responses: 2, reasonings: 0, tools: 0, toolFailures: 0 };
    const end = { reason: 'end_turn', durationMs: 1, credits: null, contextUsage: null, counts, error: null };
    const kind = (n: number): CapsuleEvent => {
      const of = kinds[n - 1] ?? 'turn.ended';
      const body =
        of === 'turn.ended' ? end : { text: `said ${n} ${'x'.repeat(2_000)}`, source: 'chat', attachments: [] };
      return anEvent(n, { kind: of, turn: { id: 'one', index: 1 }, body } as object);
    };
    const { outbox } = await deliver(({ text }) => (text.includes('said 2') ? { status: 400 } : taken()), 4, { kind });
    expect(outbox.depth('otlp')).toMatchObject({ events: 0, rejected: 1 });
  });

  test('413 sends fewer at a time, and sets aside what is too large alone', async () => {
    const tooLarge = ({ text }: Asked) => (text.length > 12_000 ? { status: 413 } : taken());
    const { outbox } = await deliver(tooLarge, 20);
    expect(outbox.depth('otlp')).toMatchObject({ events: 0, rejected: 0 });
    const none = await deliver(() => ({ status: 413 }), 2);
    expect(none.outbox.depth('otlp')).toMatchObject({ events: 0, rejected: 2 });
  });

  test('that takes a part is not asked again, and what it refused is counted', async () => {
    const part = { rejectedSpans: '2', errorMessage: 'attribute "secret text" is too long' };
    const { endpoint, outbox, partial } = await deliver(() => ({ status: 200, body: { partialSuccess: part } }), 3);
    expect(endpoint.asked).toHaveLength(1);
    expect(outbox.counts().events).toBe(0);
    expect(partial).toEqual([{ rejected: 2, message: part.errorMessage }]);
  });
});

describe('an endpoint that does not unpack what it is sent', () => {
  test.each([400, 415, 500])('and says %i gets the same unpacked, and from then on nothing else', async (status) => {
    const { endpoint, outbox } = await deliver(({ encoding }) => (encoding ? { status } : taken()), 150);
    expect(endpoint.asked.map((asked) => [spansIn(asked), asked.encoding])).toEqual([
      [100, 'gzip'],
      [100, undefined],
      [50, undefined],
    ]);
    expect(outbox.depth('otlp')).toMatchObject({ events: 0, rejected: 0 });
  });

  test('and takes it without a word gets nothing packed when the settings say so', async () => {
    const { endpoint } = await deliver(taken, 3, { compress: false });
    expect(endpoint.asked.map(({ encoding }) => encoding)).toEqual([undefined]);
  });
});

describe('an endpoint that knows no log records', () => {
  const started = (n: number) => anEvent<'capture.gap'>(n, { kind: 'capture.gap', body: GAP });
  const namesIn = ({ text }: Asked) => [...text.matchAll(/"name":"([^"]+)","kind"/g)].map(([, name]) => name);

  test.each([404, 405, 501])('and says %i gets them as spans, and holds up nothing', async (status) => {
    const answers = ({ path }: Asked) => (path === '/v1/logs' ? { status } : taken());
    const kind = (n: number) => (n < 102 ? started(n) : tool(n));
    const { endpoint, outbox, delivery } = await deliver(answers, 103, { kind });
    expect(endpoint.asked.map((asked) => [asked.path, namesIn(asked).length])).toEqual([
      ['/v1/logs', 0],
      ['/v1/traces', 100],
      ['/v1/traces', 1],
      ['/v1/traces', 2],
    ]);
    expect(new Set(endpoint.asked.slice(1, 3).flatMap(namesIn))).toEqual(new Set(['kiro.capture.gap']));
    expect([outbox.depth('otlp'), delivery.state().state]).toMatchObject([{ events: 0, rejected: 0 }, 'idle']);
  });

  test('nor spans is at another address: everything waits for its correction', async () => {
    const { endpoint, outbox, delivery } = await deliver(() => ({ status: 404 }), 3, { kind: started });
    expect(endpoint.asked.map(({ path }) => path)).toEqual(['/v1/logs', '/v1/traces']);
    expect([outbox.depth('otlp'), delivery.state().state]).toMatchObject([{ events: 3, rejected: 0 }, 'held']);
  });
});

test('nothing is sent while its headers cannot be read; it is tried again, and the reason says so', async () => {
  let readable = false;
  const headers = () => {
    if (readable) return {};
    throw new Failure('config-invalid', 'the headers file /x is open to others');
  };
  const { endpoint, outbox, delivery, timers } = await deliver(taken, 1, { headers });
  expect([endpoint.asked.length, delivery.state()]).toMatchObject([
    0,
    { state: 'held', why: expect.stringContaining('/x') },
  ]);
  readable = true;
  timers[0]?.fire();
  await delivery.settled();
  expect(outbox.counts().events).toBe(0);
});

describe('a company’s network', () => {
  /** A proxy that alone knows `otel.example`, which shows a certificate of the company's own. */
  const company = (trusted: boolean) => async (url: string) => {
    const shown = certificate({ name: 'otel.example' });
    const proxyUrl = await tunnelTo(await tlsFront(shown, url));
    const network = { caFile: trusted ? shown.file : null, proxyUrl, proxyBypass: null };
    return { network, endpoint: 'https://otel.example' };
  };
  const withOpenssl = hasOpenssl ? test : test.skip;

  withOpenssl('is crossed by the portal’s way: the same proxy, the same authorities', async () => {
    const { endpoint, outbox } = await deliver(taken, 2, { between: company(true) });
    expect(endpoint.asked.map(({ path }) => path)).toEqual(['/v1/traces']);
    expect(outbox.counts().events).toBe(0);
  });

  withOpenssl('whose certificate is not known gets nothing, and the reason names the endpoint', async () => {
    const { endpoint, outbox, delivery } = await deliver(taken, 2, { between: company(false) });
    expect([endpoint.asked.length, outbox.counts().events]).toEqual([0, 2]);
    expect(delivery.state().why).toMatch(/^the endpoint's certificate is not trusted here/);
  });
});

test('a server’s words are logged without what they quote', () => {
  expect(withoutQuotes('span "rm -rf /" of `x`: value ‘y’ too long')).toBe('span … of …: value … too long');
  expect(withoutQuotes('unfinished "rm -rf')).toBe('unfinished …');
  expect(withoutQuotes('x'.repeat(1_000))).toHaveLength(200);
});
