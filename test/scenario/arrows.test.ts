/** One test for each arrow of ARCHITECTURE's walk of the data, each with the real program. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { factsOfTurn } from '../../src/cli/demo/facts.ts';
import { toLines } from '../../src/cli/demo/script.ts';
import { parseRing } from '../../src/relay/ring.ts';
import { aMachine, type Machine, until } from '../helpers/machine.ts';
import { installAt, type RunningPortal, runPortal } from '../helpers/running-portal.ts';

const NOTHING = { missing: [], surplus: [] };
let machine: Machine;
let portal: RunningPortal;
beforeEach(async () => {
  machine = aMachine();
  portal = await runPortal(machine);
  await installAt(machine, portal);
});

interface Status {
  daemon: {
    outbox: { events: number };
    capture: { lastRing: string | null; skippedLines: number; unknown: Record<string, number> };
    delivery: { state: string };
  } | null;
}
const status = async () => (await machine.json(['status'])).body as unknown as Status;

describe('Kiro ends a turn', () => {
  test('the installed hook command writes a ring file while no daemon runs, and the daemon that it starts takes it', async () => {
    const session = machine.session('recorded');
    const [turn] = session.turns;
    if (turn === undefined) throw new Error('the session has a turn');
    await machine.must(['stop']);
    machine.append(session, toLines([...turn.before, ...turn.after]));
    const run = await machine.hook1x(session);
    expect(run).toMatchObject({ exitCode: 0, output: '' });
    expect(await portal.arrival(session.id, factsOfTurn(turn))).toMatchObject({ missing: [] });
    expect(readdirSync(machine.own.rings)).toEqual([]);
    expect((await status()).daemon?.capture.lastRing).not.toBeNull();
  });

  test('without a program to start, the ring waits as one owner-only JSON file', async () => {
    const session = machine.session('recorded');
    await machine.must(['stop']);
    const { rmSync } = await import('node:fs');
    rmSync(machine.own.program);
    expect(await machine.hook1x(session)).toMatchObject({ exitCode: 0, output: '' });
    const [name = ''] = readdirSync(machine.own.rings);
    const ring = parseRing(name, readFileSync(path.join(machine.own.rings, name), 'utf8'), '2026-09-03T12:00:00.000Z');
    expect(ring).toMatchObject({ from: 'stdin', sessionId: session.id, cwd: machine.workspace });
  });
});

describe('the ring reaches the daemon', () => {
  test('through the socket, as the dispatcher knocks', async () => {
    const session = machine.session('recorded');
    const [turn] = session.turns;
    if (turn === undefined) throw new Error('the session has a turn');
    machine.append(session, toLines([...turn.before, ...turn.after]));
    const answered = await new Promise<number>((resolve, reject) => {
      const request = http.request(
        { socketPath: machine.own.socket, method: 'POST', path: '/v1/ring?name=1-0.json' },
        (response) => resolve(response.resume().statusCode ?? 0),
      );
      request.on('error', reject);
      request.end(JSON.stringify({ from: 'stdin', payload: { session_id: session.id } }));
    });
    expect(answered).toBe(200);
    expect(await portal.arrival(session.id, factsOfTurn(turn))).toMatchObject({ missing: [] });
  });
});

describe("the daemon reads Kiro's session", () => {
  test('sends what is there when the hook runs, and the end of the turn when Kiro has written it', async () => {
    const session = machine.session('recorded');
    const [turn] = session.turns;
    if (turn === undefined) throw new Error('the session has a turn');
    machine.append(session, toLines(turn.before));
    await machine.hook1x(session);
    const early = [`session.started ${session.id}`, ...factsOfTurn({ before: turn.before, after: [] })];
    expect(await portal.arrival(session.id, early)).toEqual(NOTHING);
    machine.append(session, toLines(turn.after));
    expect(await portal.arrival(session.id, [...early, ...factsOfTurn({ before: [], after: turn.after })])).toEqual(
      NOTHING,
    );
  });

  test('loses only what is broken: a bad line, half a line, CRLF and unknown records', async () => {
    const session = machine.session('written');
    const [turn] = session.turns;
    if (turn === undefined) throw new Error('the session has turns');
    const lines = [...turn.before, ...turn.after].map((record) => JSON.stringify(record));
    const text = lines.flatMap((line, n) => (n === 3 ? ['{not json}', line] : [line])).join('\r\n');
    machine.append(
      session,
      `${text}\r\n{"id":"fu-1","timestamp":"2026-09-01T10:00:46.840Z","payload":{"type":"future_payload"}}\r\n{"id":"half`,
    );
    await machine.hook1x(session);
    expect(await portal.arrival(session.id, [`session.started ${session.id}`, ...factsOfTurn(turn)])).toEqual(NOTHING);
    const { capture } = (await status()).daemon ?? { capture: undefined };
    expect(capture?.skippedLines).toBe(1);
    expect(capture?.unknown).toMatchObject({ future_payload: 1 });
  });

  test('that existed before the install is not told, and goes on being told from then on', async () => {
    const other = aMachine();
    const session = other.session('written');
    const [first, second] = session.turns;
    if (first === undefined || second === undefined) throw new Error('the session has turns');
    other.append(session, toLines([...first.before, ...first.after]));
    const itsPortal = await runPortal(other);
    await installAt(other, itsPortal);
    await other.playTurn(session, second);
    expect(await itsPortal.arrival(session.id, [`session.started ${session.id}`, ...factsOfTurn(second)])).toEqual(
      NOTHING,
    );
    expect((await itsPortal.events(session.id)).filter(({ kind }) => kind === 'turn.ended')).toMatchObject([
      { turn: { index: 2 } },
    ]);
  });
});

describe('what is captured', () => {
  test('is redacted before it touches our disk: a secret is neither in our files nor at the portal', async () => {
    const secret = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
    const session = machine.session('written');
    const [turn] = session.turns;
    if (turn === undefined) throw new Error('the session has turns');
    await portal.stop();
    const text = toLines([...turn.before, ...turn.after]).replace(
      'Add a /health route',
      `Use ${secret} and add a /health route`,
    );
    machine.append(session, text);
    await machine.hook1x(session);
    await until(
      async () => ((await status()).daemon?.outbox.events ?? 0) >= factsOfTurn(turn).length,
      'the turn waits in the outbox',
    );
    expect(text).toContain(secret);
    expect(filesBelow(machine.own.home).filter((file) => readFileSync(file).includes(secret))).toEqual([]);
    await portal.again();
    await machine.must(['restart']);
    await portal.arrival(session.id, factsOfTurn(turn));
    const [prompt] = (await portal.events(session.id)).filter(({ kind }) => kind === 'prompt.submitted');
    expect(JSON.stringify(prompt)).toMatch(/Use \[redacted:[a-z0-9-]+:[0-9a-f]+\] and add a \/health route/);
    await portal.stop();
    expect(filesBelow(portal.data).filter((file) => readFileSync(file).includes(secret))).toEqual([]);
  });

  test('leaves with lengths and hashes alone at level metadata, and not at all from an excluded workspace', async () => {
    await machine.must(['config', 'set', 'content.level', 'metadata']);
    const session = machine.session('written');
    const [first, second] = session.turns;
    await machine.playTurn(session, first);
    if (first === undefined || second === undefined) throw new Error('the session has turns');
    await portal.arrival(session.id, factsOfTurn(first));
    const events = await portal.events(session.id);
    expect(JSON.stringify(events)).not.toContain('health route');
    expect(events.find(({ kind }) => kind === 'prompt.submitted')).toMatchObject({
      body: { text: null },
      source: { content: 'metadata' },
    });
    await machine.must(['workspaces', 'exclude', machine.workspace]);
    await machine.playTurn(session, second);
    await machine.must(['restart']);
    expect(await portal.events(session.id)).toHaveLength(events.length);
  });
});

describe('the outbox', () => {
  test('holds events while the portal is away, through a restart, and is empty once they are delivered', async () => {
    await portal.stop();
    const session = machine.session('recorded');
    const [turn] = session.turns;
    if (turn === undefined) throw new Error('the session has a turn');
    await machine.playTurn(session, turn);
    const facts = [`session.started ${session.id}`, ...factsOfTurn(turn)];
    await until(async () => (await status()).daemon?.outbox.events === facts.length, 'all facts wait');
    await machine.must(['restart']);
    expect((await status()).daemon?.outbox.events).toBe(facts.length);
    await portal.again();
    await machine.must(['restart']);
    expect(await portal.arrival(session.id, facts)).toEqual(NOTHING);
    await until(async () => (await status()).daemon?.outbox.events === 0, 'nothing waits');
  });
});

describe('a workspace', () => {
  test('that Kiro opens while the daemon runs is attached by itself', async () => {
    const hook = path.join(machine.workspace, '.kiro', 'hooks', 'capsule-stop.kiro.hook');
    expect(existsSync(hook)).toBe(false);
    machine.open();
    await until(() => existsSync(hook), 'the hook file is placed');
    expect(await machine.hook0x()).toMatchObject({ exitCode: 0, output: '' });
    await until(async () => (await status()).daemon?.capture.lastRing, 'the ring of Kiro 0.x has come');
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
