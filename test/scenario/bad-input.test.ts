/** What a user may meet on a bad day: each is one sentence, an exit code, and nothing is lost. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { factsOfTurn } from '../../src/cli/demo/facts.ts';
import { aMachine, longRunning, until } from '../helpers/machine.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';

const NOTHING = { missing: [], surplus: [] };
const sentences = (text: string) => text.trim().split('\n');

describe('settings.json that does not parse', () => {
  test('is left alone with file, line and column said, and everything else is done', async () => {
    const machine = aMachine();
    const broken = '{\n  "editor.fontSize": 13,\n  "kiroAgent.trustedCommands": [ "git status"\n';
    writeFileSync(machine.settingsFile, broken);
    const { mtimeMs } = statSync(machine.settingsFile);
    const { exitCode, stdout } = await machine.capsule(['install', '--no-service']);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/! trusted command .*settings\.json:4:1 does not parse[\s\S]*line 4, column 1/);
    expect(readFileSync(machine.settingsFile, 'utf8')).toBe(broken);
    expect(statSync(machine.settingsFile).mtimeMs).toBe(mtimeMs);
    expect(stdout).toContain('+ dispatcher');
    expect(stdout).toContain("+ user's hook");
    expect((await machine.json(['status'])).body.daemon).not.toBeNull();
    await machine.must(['uninstall']);
    expect(readFileSync(machine.settingsFile, 'utf8')).toBe(broken);
  });
});

describe('a token', () => {
  test('that is wrong keeps events in the outbox and says so; a right one set later delivers them', async () => {
    const machine = aMachine();
    const portal = await runPortal(machine);
    const install = await machine.capsule(
      ['install', '--portal', portal.address, '--token-stdin', '--no-service'],
      'no-such-code\n',
    );
    expect(install.exitCode).toBe(3);
    expect(install.stdout).toMatch(
      /Portal: not enrolled yet \(.+\); the daemon keeps trying, and events are kept until then/,
    );
    const session = machine.session('recorded');
    const [turn] = session.turns;
    if (turn === undefined) throw new Error('the session has a turn');
    await machine.playTurn(session, turn);
    const status = await until(async () => {
      const { exitCode, body } = await machine.json(['status']);
      const daemon = body.daemon as { outbox: { events: number } };
      return daemon.outbox.events > factsOfTurn(turn).length - 1 ? { exitCode, text: JSON.stringify(body) } : undefined;
    }, 'the events wait');
    expect(status.exitCode).toBe(3);
    expect(status.text).toContain('enrolment-pending');
    expect(status.text).not.toContain('no-such-code');
    await machine.must(['token', 'set'], await machine.must(['portal', 'code', '--data', portal.data]));
    expect(await portal.arrival(session.id, [`session.started ${session.id}`, ...factsOfTurn(turn)])).toEqual(NOTHING);
  });

  test('that has expired keeps events and status says so', async () => {
    const machine = aMachine();
    const portal = await runPortal(machine);
    await installAt(machine, portal);
    await machine.must(['stop']);
    const credential = JSON.parse(readFileSync(machine.own.credential, 'utf8')) as Record<string, unknown>;
    const past = {
      issuedAt: '2025-01-01T00:00:00.000Z',
      expiresAt: '2025-02-01T00:00:00.000Z',
      token: `${credential.token}x`,
    };
    writeFileSync(machine.own.credential, JSON.stringify({ ...credential, ...past }));
    await machine.must(['start']);
    const session = machine.session('recorded');
    const [turn] = session.turns;
    await machine.playTurn(session, turn);
    const status = await until(async () => {
      const ran = await machine.capsule(['status']);
      return /Outbox +\d+ events/.test(ran.stdout) && ran.stdout.includes('held') ? ran : undefined;
    }, 'the events are held');
    expect(status.exitCode).toBe(3);
    expect(status.stdout).toMatch(/credential expired on 2025-02-01/);
    expect(status.stdout).toMatch(/capsule-kiro token set/);
    expect(status.stdout + status.stderr).not.toContain(String(credential.token));
  });

  test('on the command line is refused before anything is changed', async () => {
    const machine = aMachine();
    const { exitCode, stderr } = await machine.capsule(['install', '--token', 'secret']);
    expect(exitCode).toBe(2);
    expect(sentences(stderr)[0]).toMatch(/^Error Unknown argument: token/);
  });

  test('without a portal is a usage error', async () => {
    const machine = aMachine();
    const { exitCode, stderr } = await machine.capsule(['install', '--code-stdin'], 'a-code');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('no portal');
  });
});

describe('a port in use', () => {
  test('is one sentence, what to do, and exit code 1', async () => {
    const machine = aMachine();
    const taken = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const { exitCode, stderr } = await machine.capsule([
      'portal',
      '--port',
      String(port),
      '--data',
      path.join(machine.folder, 'p'),
    ]);
    taken.close();
    expect(exitCode).toBe(1);
    expect(sentences(stderr)).toHaveLength(2);
    expect(stderr).toContain(`Port ${port}`);
  });
});

describe('a data folder that cannot be written', () => {
  test('is one sentence with its path, and exit code 1', async () => {
    const machine = aMachine();
    const inTheWay = path.join(machine.folder, 'a-file');
    writeFileSync(inTheWay, '');
    const { exitCode, stderr } = await machine.capsule([
      'portal',
      '--port',
      '0',
      '--data',
      path.join(inTheWay, 'portal'),
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(inTheWay);
    expect(stderr).not.toContain('bug');
  });

  test("of the agent's own is reported by install", async () => {
    const machine = aMachine();
    mkdirSync(path.dirname(machine.own.home), { recursive: true });
    writeFileSync(machine.own.home, 'in the way');
    const { exitCode, stderr } = await machine.capsule(['install', '--no-service']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(machine.own.home);
    expect(stderr).not.toContain('bug');
  });
});

describe('a file of ours that is damaged', () => {
  test.each([
    ['device', 6],
    ['settings', 1],
  ] as const)(
    '(%s) makes the daemon stand by: it says why and what to do, and goes on by itself once the file is put right, with what it missed',
    async (which, starts) => {
      const machine = aMachine();
      const portal = await runPortal(machine);
      await installAt(machine, portal);
      const file = machine.own[which];
      const sound = readFileSync(file);
      await machine.must(['stop']);
      writeFileSync(file, '{"id": ');
      // Each start by hand is one more try, and no crash: none of them may make it stand still.
      for (let n = 0; n < starts; n++) {
        const started = await machine.capsule(['start']);
        expect(started).toMatchObject({ exitCode: 1 });
        expect(sentences(started.stderr)[0]).toContain(`Error The daemon stands by: ${file} is`);
        await machine.must(['stop']);
      }
      await machine.capsule(['start']);
      const pid = machine.daemonPid();
      const { exitCode, stdout } = await machine.capsule(['status']);
      expect([exitCode, stdout]).toEqual([3, expect.stringMatching(/stands by[\s\S]*Nothing is lost[\s\S]*delete it/)]);
      const { body } = await machine.json(['diagnose', '--only', 'daemon.running']);
      const [check] = body.checks as { status: string; evidence: string[]; fix: { say: string } }[];
      expect(check).toMatchObject({ status: 'fail', fix: { say: expect.stringMatching(/delete it/i) } });
      expect(check?.evidence.join()).toContain(path.basename(file));

      const session = machine.session('recorded');
      const [turn] = session.turns;
      expect(await machine.playTurn(session, turn)).toMatchObject({ exitCode: 0, output: '' });
      writeFileSync(file, sound);
      const facts = [`session.started ${session.id}`, ...(turn === undefined ? [] : factsOfTurn(turn))];
      expect(await portal.arrival(session.id, facts)).toEqual({ missing: [], surplus: [] });
      expect(machine.daemonPid()).toBe(pid);
    },
  );
});

describe('a second daemon', () => {
  test('says who runs already, with exit code 1, and the first goes on', async () => {
    const machine = aMachine();
    await machine.capsule(['install', '--no-service']);
    const pid = machine.daemonPid();
    const { exitCode, stderr } = await machine.capsule(['run']);
    expect(exitCode).toBe(1);
    expect(sentences(stderr)[0]).toBe(`Error A daemon of this user is already running (process ${pid})`);
    expect(await machine.must(['start'])).toContain('already running');
    expect(machine.daemonPid()).toBe(pid);
  });

  test('of twenty started at once, one runs and the others say so', async () => {
    const machine = aMachine();
    await machine.capsule(['install', '--no-service']);
    await machine.must(['stop']);
    const daemons = Array.from({ length: 20 }, () => longRunning(machine, ['run']));
    const said = await Promise.all(daemons.map((daemon) => daemon.said(/The daemon runs|already running/)));
    expect(said.filter((text) => text === 'The daemon runs')).toHaveLength(1);
    expect((await machine.json(['status'])).body.daemon).not.toBeNull();
  });
});

describe('a reader that has read enough', () => {
  test('ends the program without a word, as after `| head`', async () => {
    const { child } = longRunning(aMachine(), ['portal', 'openapi']);
    const ended = new Promise((resolve) => child.once('close', resolve));
    let complaint = '';
    child.stderr?.on('data', (chunk) => (complaint += String(chunk)));
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect(await ended).toBe(0);
    expect(complaint).toBe('');
  });
});
