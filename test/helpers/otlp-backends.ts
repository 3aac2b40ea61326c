/** OpenTelemetry backends of others, started on this machine. They are not the program's: `test/otlp-backends` says which. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from '@jest/globals';
import { freePort } from './free-port.ts';
import { until } from './machine.ts';

/** Where `npm ci` put what `test/otlp-backends/package.json` names; undefined: nowhere. */
export const BACKENDS = process.env.CAPSULE_OTLP_BACKENDS;

/** Says on stderr what this run does not prove, and how it could. */
export function sayWithoutBackends(): void {
  process.stderr.write(
    'SKIPPED: no OpenTelemetry backend is installed, so none is seen to take what goes there. To change that: copy test/otlp-backends elsewhere, npm ci --ignore-scripts in the copy, and name it in CAPSULE_OTLP_BACKENDS\n',
  );
}

const running = new Set<ChildProcess>();
afterEach(async () => {
  for (const child of running) {
    running.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
});

function start(file: string, args: readonly string[]): { lines: () => string[] } {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  return { lines: () => said.split('\n').slice(0, -1) };
}

/** Answers what one of its tools says; throws when that is no success. */
type AskTool = (tool: string, input?: object) => Promise<Record<string, unknown>>;

/** `autotel-mcp`: takes OTLP in and keeps it in libSQL; asked as an agent asks it, through its MCP tools. */
export async function startAutotel(folder: string): Promise<{ endpoint: string; ask: AskTool }> {
  const [port, collectorPort] = [await freePort(), await freePort()];
  const program = path.join(folder, 'node_modules/autotel-mcp/bin/autotel-mcp');
  const listens = ['--transport', 'http', '--host', '127.0.0.1', '--port', String(port)];
  const { lines } = start(program, [...listens, '--collector-port', String(collectorPort)]);
  await until(
    () =>
      fetch(`http://127.0.0.1:${port}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    `autotel-mcp is up: ${lines().join('\n')}`,
  );
  const ask: AskTool = async (tool, input = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: input } }),
    });
    const text = await response.text();
    const message = JSON.parse(/^data: (.+)$/m.exec(text)?.[1] ?? text) as { result: { content: [{ text: string }] } };
    const said = message.result.content[0].text;
    const { ok, data } = JSON.parse(said) as { ok: boolean; data: Record<string, unknown> };
    if (!ok) throw new Error(said);
    return data;
  };
  return { endpoint: `http://127.0.0.1:${collectorPort}`, ask };
}

/** Elastic's receiver for tests of OpenTelemetry's exporters; `heard` is each request as it prints it. */
export async function startElastic(folder: string): Promise<{ endpoint: string; heard: () => unknown[] }> {
  const launcher = fileURLToPath(new URL('../otlp-backends/elastic.cjs', import.meta.url));
  const { lines } = start(launcher, [folder]);
  const endpoint = await until(() => lines()[0], 'Elastic’s receiver says where it is');
  return {
    endpoint: endpoint.replace(/\/$/, ''),
    heard: () =>
      lines()
        .slice(1)
        .map((line) => JSON.parse(line) as unknown),
  };
}
