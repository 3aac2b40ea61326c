/** The real agent and OpenTelemetry backends that others wrote. */
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { httpPortal } from '../helpers/http-portal.ts';
import { aMachine, type Machine, until } from '../helpers/machine.ts';
import { BACKENDS, sayWithoutBackends, startAutotel, startElastic } from '../helpers/otlp-backends.ts';

const folder = BACKENDS ?? '';
if (BACKENDS === undefined) sayWithoutBackends();
const withBackends = BACKENDS === undefined ? test.skip : test;

/** An agent that sends to `endpoint` alone, and the recorded session's first turn. Answers the session's id. */
async function playTo(machine: Machine, endpoint: string): Promise<string> {
  await machine.must(['config', 'set', 'kiro.appDir', path.join(machine.folder, 'no-kiro')]);
  await machine.must(['install', '--otlp', endpoint, '--no-service']);
  const session = machine.session('recorded');
  await machine.playTurn(session, session.turns[0]);
  return session.id;
}

async function allGone(machine: Machine): Promise<void> {
  await until(async () => {
    const { exitCode, body } = await machine.json(['status']);
    const { daemon } = body as { daemon: { capture: { lastEvent: unknown }; outbox: { events: number } } };
    return exitCode === 0 && daemon.capture.lastEvent !== null && daemon.outbox.events === 0;
  }, 'the turn is told, nothing waits, and nothing needs anybody');
}

interface Span {
  operationName: string;
  spanId: string;
  parentSpanId: string | null;
  durationMs: number;
  statusCode: string;
  tags: Record<string, unknown>;
}

withBackends(
  'autotel-mcp, which does not unpack requests, is given a turn as one trace and its session’s start as a record; it knows the model',
  async () => {
    const machine = aMachine();
    const { endpoint, ask } = await startAutotel(folder);
    const session = await playTo(machine, endpoint);
    await allGone(machine);
    const { items: found } = (await ask('search_traces')) as { items: { traceId: string; spanCount: number }[] };
    expect(found).toMatchObject([{ spanCount: 13 }]);
    const { spans } = (await ask('get_trace', { traceId: found[0]?.traceId })) as { spans: Span[] };
    const root = spans.find(({ operationName }) => operationName === 'invoke_agent kiro');
    expect(root).toMatchObject({ parentSpanId: null, statusCode: 'UNSET', tags: { 'kiro.turn.reason': 'end_turn' } });
    expect(root?.durationMs).toBeGreaterThan(0);
    expect(root?.tags['gen_ai.input.messages']).toContain('"role":"user"');
    const others = spans.filter((span) => span !== root);
    expect(new Set(others.map(({ operationName }) => operationName.split(' ')[0]))).toEqual(
      new Set(['chat', 'execute_tool']),
    );
    expect(new Set(others.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([root?.spanId]));

    const records = (await ask('search_logs')) as { items: Record<string, unknown>[]; totalCount: number };
    expect(records).toMatchObject({
      totalCount: 1,
      items: [
        {
          body: 'a session of Kiro started',
          severityText: 'INFO',
          attributes: { 'event.name': 'session.start', 'session.id': session },
        },
      ],
    });
    // The turn and its chat name the model; a tool's call is no request to it.
    const [model] = ((await ask('list_llm_models')) as { models: { requestCount: number }[] }).models;
    expect(model?.requestCount).toBe(2);
    expect(await machine.must(['diagnose', '--only', 'otlp'])).not.toMatch(/fail|warn/i);

    const probed = await machine.json(['diagnose', '--probe']);
    expect(probed).toMatchObject({ exitCode: 0, body: { probes: [{ arrived: true }] } });
    expect(await ask('search_logs', { text: 'probe' })).toMatchObject({ totalCount: 1 });
  },
);

withBackends(
  'what autotel-mcp got twice, because its answers were lost, is one trace; a log record stands there twice with the one id it has',
  async () => {
    const machine = aMachine();
    const { endpoint, ask } = await startAutotel(folder);
    const given: Promise<unknown>[] = [];
    const heard = new Set<string>();
    const between = await httpPortal(({ path: where, text }) => {
      const headers = { 'content-type': 'application/json' };
      given.push(fetch(`${endpoint}${where}`, { method: 'POST', headers, body: text }));
      const again = heard.has(text);
      heard.add(text);
      return again ? { status: 200 } : 'hang up';
    });
    await playTo(machine, between.url);
    await allGone(machine);
    await Promise.all(given);
    expect(given.length).toBeGreaterThan(heard.size);
    expect(await ask('search_traces')).toMatchObject({ items: [{ spanCount: 13 }] });
    const { items } = (await ask('search_logs')) as { items: { attributes: Record<string, unknown> }[] };
    expect(items).toHaveLength(2);
    expect(new Set(items.map(({ attributes }) => attributes['log.record.uid'])).size).toBe(1);
  },
);

withBackends(
  'Elastic’s receiver, which says yes to what is compressed and cannot read it, understands every request once that is off',
  async () => {
    const machine = aMachine();
    const { endpoint, heard } = await startElastic(folder);
    await machine.must(['config', 'set', 'otlp.compression', 'none']);
    await playTo(machine, endpoint);
    await allGone(machine);
    const names = [...JSON.stringify(heard()).matchAll(/"(?:name|eventName)":"([a-z_.]+)[^"]*","(?:kind|attributes)/g)];
    expect(new Set(names.map(([, name]) => name))).toEqual(
      new Set(['session.start', 'invoke_agent', 'chat', 'execute_tool']),
    );
    const told = JSON.stringify(heard());
    expect(told).toContain('"kind":"SPAN_KIND_INTERNAL"');
    expect(told).toContain('"kind":"SPAN_KIND_CLIENT"');
    expect(told).toContain('"gen_ai.response.finish_reasons":["stop"]');
    expect(told).toContain('"body":"a session of Kiro started"');
  },
);
