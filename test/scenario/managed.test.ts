/** Settings that an organisation lays down, with the real program. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { aMachine, type Machine, PROGRAM, until } from '../helpers/machine.ts';
import { managedPlaces, noManagedMachine } from '../helpers/managed-machine.ts';

const missing = noManagedMachine();
if (missing !== undefined) process.stderr.write(`\nManaged settings are NOT tested with the program: ${missing}\n`);
const withManaged = missing === undefined ? describe : describe.skip;

withManaged('what an organisation lays down', () => {
  const given = (text: string) => {
    const machine = aMachine();
    const places = managedPlaces(machine.folder);
    places.write(text);
    const run = (...args: string[]) => {
      const { status, stdout } = spawnSync(places.wrapper, [PROGRAM, ...args, '--json'], {
        env: machine.env,
        encoding: 'utf8',
        input: '',
      });
      return { exitCode: status, body: JSON.parse(stdout) as Record<string, never> };
    };
    return { machine, places, run };
  };
  const levels = async (machine: Machine) => {
    const lines = (await machine.capsule(['events', '--json'])).stdout.trim().split('\n').filter(Boolean);
    return new Set(
      lines.map((line) => (JSON.parse(line) as { event: { source: { content: string } } }).event.source.content),
    );
  };

  test('holds at install, in config, in status and in diagnose, and a change of it with the next turn', async () => {
    const { machine, places, run } = given('{"content.level": "metadata", "service.autostart": true}');
    expect(run('install', '--content', 'off')).toMatchObject({
      exitCode: 1,
      body: { error: { code: 'setting-managed' } },
    });
    expect(run('install', '--no-service')).toMatchObject({ exitCode: 1, body: { error: { code: 'setting-managed' } } });
    expect(run('install', '--content', 'metadata')).toMatchObject({ exitCode: 3, body: { daemon: { running: true } } });
    expect(run('config', 'set', 'content.level', 'off')).toMatchObject({
      exitCode: 1,
      body: { error: { code: 'setting-managed' } },
    });
    expect(run('workspaces', 'exclude', machine.workspace)).toMatchObject({
      exitCode: 1,
      body: { error: { code: 'setting-managed' } },
    });
    expect(run('status').body.managed).toContain('content.level');
    expect(run('config').body.managed).toContain('workspaces.exclude');
    expect(run('diagnose', '--only', 'settings.managed').body.checks).toMatchObject([{ status: 'pass' }]);

    // By hand, past every command.
    writeFileSync(
      machine.own.settings,
      JSON.stringify({ 'content.level': 'off', 'workspaces.exclude': [machine.workspace] }),
    );
    machine.open();
    const session = machine.session('written');
    await machine.playTurn(session, session.turns[0]);
    await until(async () => (await levels(machine)).size > 0, 'the turn is there');
    expect([...(await levels(machine))]).toEqual(['metadata']);
    places.write('{"content.level": "full"}');
    await machine.playTurn(session, session.turns[1]);
    await until(async () => (await levels(machine)).has('full'), 'the next turn is told in full');
  });

  test('and is broken keeps a daemon from beginning, not from going on, and costs no event', async () => {
    const { machine, places, run } = given('{"content.level": "metadata"}');
    run('install');
    machine.open();
    places.write('{"content.level": "metad');
    const session = machine.session('written');
    await machine.playTurn(session, session.turns[0]);
    await until(async () => (await levels(machine)).size > 0, 'the turn is there');
    const before = await levels(machine);
    expect([...before]).toEqual(['metadata']);

    await machine.killDaemon();
    const count = async () =>
      (await machine.capsule(['events', '--json', '--last', '1000'])).stdout.trim().split('\n').length;
    const known = await count();
    run('start');
    const standing = run('status');
    expect(standing).toMatchObject({ exitCode: 3, body: { daemon: null } });
    expect(JSON.stringify(standing.body)).toContain('/etc/capsule-kiro/managed.json is not valid JSON');
    await machine.playTurn(session, session.turns[1]);
    places.write('{"content.level": "metadata"}');
    run('restart');
    await until(async () => (await count()) > known, 'what happened meanwhile is told');
    expect([...(await levels(machine))]).toEqual(['metadata']);
  });

  test('counts for nothing when its user could have written it, and diagnose says so', () => {
    const { places, run } = given('{}');
    places.write('{"content.level": "off"}', 0o666);
    expect(run('config', 'get', 'content.level').body.settings).toEqual({ 'content.level': 'redacted' });
    expect(run('diagnose', '--only', 'settings.managed').body.checks).toMatchObject([
      {
        status: 'fail',
        evidence: ['/etc/capsule-kiro/managed.json is ignored: it can be written by others than its owner'],
      },
    ]);
  });
});
