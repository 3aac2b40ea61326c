/** A daemon on bad days: damaged and foreign databases, things that vanish under it, clients and starts that never end. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { daemonState } from '../../src/cli/daemon-state.ts';
import { openDatabase } from '../../src/core/database.ts';
import { systemCode } from '../../src/core/failure.ts';
import { askDaemon } from '../../src/relay/local-client.ts';
import { OUTBOX_TABLES } from '../../src/relay/outbox-tables.ts';
import { aMachine, longRunning, type Machine, until } from '../helpers/machine.ts';

const RUNS = /The daemon runs/;
const status = async (machine: Machine) => {
  const { exitCode, body } = await machine.json(['status']);
  return { exitCode, text: JSON.stringify(body), body };
};
const troubleCodes = (body: Record<string, unknown>) => (body.troubles as { code: string }[]).map(({ code }) => code);
const log = (machine: Machine) => readFileSync(machine.own.log, 'utf8');
async function state(machine: Machine) {
  const found = await daemonState(machine.own);
  if (typeof found !== 'object') throw new Error(`the daemon says ${found}`);
  return found;
}

describe('a database', () => {
  test('of a newer version is left alone: the daemon stands by, says so, and can be stopped', async () => {
    const machine = aMachine();
    openDatabase(machine.own.database, { migrations: [...OUTBOX_TABLES, 'CREATE TABLE later (a)'] }).close();
    const before = readFileSync(machine.own.database);
    const daemon = longRunning(machine, ['run']);
    const said = await until(async () => {
      const now = await status(machine);
      return now.text.includes('daemon-stands-by') ? now : undefined;
    }, 'it stands by');
    expect(said.exitCode).toBe(3);
    expect(said.text).toContain('newer version');
    expect((await machine.capsule(['status'])).stdout).toMatch(/stands by[\s\S]*Nothing is lost/);
    // A second one sees the first, and does not take its socket.
    expect((await machine.capsule(['run'])).stderr).toContain('already running');
    expect(await machine.must(['stop'])).toContain('stopped');
    await until(() => daemon.child.exitCode === 0, 'it has ended');
    expect(readFileSync(machine.own.database)).toEqual(before);
  });

  test('that is damaged is replaced, and status says so until the next start', async () => {
    const machine = aMachine();
    mkdirSync(machine.own.home, { recursive: true });
    writeFileSync(machine.own.database, 'no database'.repeat(1000));
    const daemon = longRunning(machine, ['run']);
    await daemon.said(RUNS);
    expect(troubleCodes((await status(machine)).body)).toContain('outbox-damaged');
    expect((await state(machine)).outbox).toMatchObject({ events: 1, damage: { saved: 0 } });
    expect(readdirSync(machine.own.home).filter((name) => name.includes('corrupt'))).toHaveLength(1);
    await daemon.stop();
    await longRunning(machine, ['run']).said(RUNS);
    expect(troubleCodes((await status(machine)).body)).not.toContain('outbox-damaged');
  });

  test('that was removed under the daemon is begun anew by the same process', async () => {
    const machine = aMachine();
    await longRunning(machine, ['run']).said(RUNS);
    const { pid } = await state(machine);
    for (const ending of ['', '-wal', '-shm']) rmSync(machine.own.database + ending, { force: true });
    await askDaemon(machine.own, 'POST', '/v1/sweep');
    await until(() => log(machine).includes('removed or replaced'), 'it noticed');
    await until(async () => (await daemonState(machine.own)) !== undefined, 'it is up again');
    expect((await state(machine)).pid).toBe(pid);
    expect(existsSync(machine.own.database)).toBe(true);
  });
});

describe('a daemon', () => {
  test('opens its folder to nobody else, and makes no file that others can read', async () => {
    const machine = aMachine();
    mkdirSync(machine.own.home, { recursive: true });
    chmodSync(machine.own.home, 0o755);
    await longRunning(machine, ['run']).said(RUNS);
    expect(statSync(machine.own.home).mode & 0o777).toBe(0o700);
    const open = readdirSync(machine.own.home, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isSymbolicLink())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .filter((file) => (statSync(file).mode & 0o077) !== 0);
    expect(open).toEqual([]);
  });

  test('whose socket was removed opens it again when a ring comes without a knock', async () => {
    const machine = aMachine();
    await longRunning(machine, ['run']).said(RUNS);
    const { pid } = await state(machine);
    rmSync(machine.own.socket);
    writeFileSync(path.join(machine.own.rings, '7-0.json'), '{"from":"env","cwd":null,"payload":{}}');
    await until(async () => (await daemonState(machine.own)) !== undefined, 'it answers again');
    expect((await state(machine)).pid).toBe(pid);
  });

  test('whose log folder was removed goes on, and logs again', async () => {
    const machine = aMachine();
    const daemon = longRunning(machine, ['run']);
    await daemon.said(RUNS);
    rmSync(path.dirname(machine.own.log), { recursive: true });
    for (const n of [1, 2]) {
      writeFileSync(path.join(machine.own.rings, `${n}-0.json`), '{"from":"env","cwd":null,"payload":{}}');
      await until(() => !existsSync(path.join(machine.own.rings, `${n}-0.json`)), 'the ring is taken');
    }
    await daemon.stop();
    expect(log(machine)).toContain('"stopped"');
  });

  test('that a service manager starts beside another ends with 0, so that it is not started again', async () => {
    const machine = aMachine();
    await longRunning(machine, ['run']).said(RUNS);
    expect(await machine.capsule(['run', '--supervised'])).toMatchObject({ exitCode: 0 });
    expect(await machine.capsule(['run'])).toMatchObject({ exitCode: 1 });
  });

  test('that could not come up five times in five minutes stands still, until a person says so', async () => {
    const machine = aMachine();
    mkdirSync(machine.own.home, { recursive: true });
    mkdirSync(path.dirname(machine.own.socket), { recursive: true });
    writeFileSync(machine.own.socket, 'in the way');
    expect(await machine.capsule(['run'])).toMatchObject({ exitCode: 1 });
    rmSync(machine.own.socket);
    // As that leaves it, but for the seconds between: a service manager does not start it five times in one.
    expect(JSON.parse(readFileSync(machine.own.starts, 'utf8'))).toHaveLength(1);
    const earlier = [1, 2, 3, 4, 5].map((n) => Date.now() - n * 10_000);
    writeFileSync(machine.own.starts, JSON.stringify(earlier));
    const daemon = longRunning(machine, ['run']);
    const said = await until(async () => {
      const now = await status(machine);
      return now.text.includes('daemon-stands-by') ? now : undefined;
    }, 'it stands by');
    expect(said.text).toContain('crashed five times');
    await machine.must(['stop']);
    await until(() => daemon.child.exitCode === 0, 'it has ended');
    await longRunning(machine, ['run']).said(RUNS);
  });

  test('serves the next one through ten thousand connections that say nothing, and is no larger for it', async () => {
    const machine = aMachine();
    await longRunning(machine, ['run']).said(RUNS);
    const before = (await state(machine)).memoryBytes;
    const clients: net.Socket[] = [];
    for (let n = 0; n < 10_000; n++) {
      const client = net.connect(machine.own.socket);
      client.on('error', () => {});
      if (n % 2 === 0) client.write('POST /v1/ring HTTP/1.1\r\n');
      clients.push(client);
      if (n % 100 === 99) {
        await new Promise((resolve) => client.once('connect', resolve).once('close', resolve));
        // Linux refuses whoever finds the queue full, as it is until the daemon has taken these.
        if (n % 1000 === 999) await until(() => state(machine).catch(noneWhenFull), 'it answers the next one');
      }
    }
    const { memoryBytes } = await state(machine);
    for (const client of clients) client.destroy();
    expect(memoryBytes - before).toBeLessThan(80 * 1024 * 1024);
  });

  test('with hardly any file descriptors lives through more clients than it has', async () => {
    const machine = aMachine();
    const wrapper = path.join(machine.folder, 'few-files');
    writeFileSync(wrapper, `#!/bin/sh\nulimit -n 60\nexec "$@"\n`, { mode: 0o755 });
    await machine.capsule(['install', '--no-service']);
    await machine.must(['stop']);
    const daemon = longRunning(machine, ['run'], wrapper);
    await daemon.said(RUNS);
    const clients = Array.from({ length: 200 }, () => net.connect(machine.own.socket).on('error', () => {}));
    for (const client of clients) client.destroy();
    await until(async () => (await daemonState(machine.own)) !== undefined, 'it answers');
    expect(daemon.child.exitCode).toBeNull();
  });

  test('takes a ring that nests a hundred thousand deep, or holds a prototype, for what it is', async () => {
    const machine = aMachine();
    await longRunning(machine, ['run']).said(RUNS);
    const deep = `{"from":"stdin","payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const hostile = '{"from":"stdin","__proto__":{"cwd":"/x"},"payload":{"session_id":"a\\u0000b","constructor":1}}';
    for (const [n, text] of [deep, hostile, '\ud800', '\u0000'].entries()) {
      appendFileSync(path.join(machine.own.rings, `${n}-0.json`), text);
    }
    await until(() => !existsSync(path.join(machine.own.rings, '0-0.json')), 'the deep one is taken');
    await until(() => !existsSync(path.join(machine.own.rings, '1-0.json')), 'the hostile one is taken');
    expect((await state(machine)).version).toMatch(/\d/);
  });
});

function noneWhenFull(error: unknown): undefined {
  if (systemCode(error) !== 'EAGAIN') throw error;
}
