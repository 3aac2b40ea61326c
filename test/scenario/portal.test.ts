/** The command `portal` as an administrator uses it: one process that serves, others beside it that make what is needed. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { aMachine, longRunning, type Machine } from '../helpers/machine.ts';

const LINK = /http:\/\/127\.0\.0\.1:\d+\/sign-in#link=[\w-]{43}/;

function serve(machine: Machine, data: string) {
  return longRunning(machine, ['portal', '--port', '0', '--data', data]);
}

async function signIn(link: string): Promise<number> {
  const { origin, hash } = new URL(link);
  const { status } = await fetch(`${origin}/api/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ link: hash.replace('#link=', '') }),
  });
  return status;
}

describe('the portal', () => {
  test('says a sign-in link until somebody has signed in, keeps its files to itself and stops when told', async () => {
    const machine = aMachine();
    const data = path.join(machine.folder, 'portal');
    const first = serve(machine, data);
    const link = await first.said(LINK);
    expect(await signIn(link)).toBe(200);
    expect(await signIn(link)).toBe(401);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(data))
      expect([file, statSync(path.join(data, file)).mode & 0o777]).toEqual([file, 0o600]);
    expect(await first.stop()).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('The portal has stopped'),
    });

    const second = serve(machine, data);
    await second.said(/The portal is at/);
    const { stdout } = await second.stop();
    expect(stdout).not.toContain('sign-in');
  });

  test('makes tokens, codes, keys and links while it runs; each prints the value alone and works', async () => {
    const machine = aMachine();
    const data = path.join(machine.folder, 'portal');
    const running = serve(machine, data);
    const [address] = (await running.said(/http:\/\/127\.0\.0\.1:\d+/)).split('/sign-in');
    const make = async (action: string, ...more: string[]) =>
      (await machine.must(['portal', action, '--data', data, '--org', 'acme', ...more])).replace(/\n$/, '');

    const enrol = async (bearer: string, deviceId: string) => {
      const body = { deviceId, name: 'mbp', os: 'linux', user: 'dev', agentVersion: '1', kiro: [] };
      const response = await fetch(`${address}/v1/enroll`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return response.status;
    };
    expect(await enrol(await make('token', '--ttl-days', '1'), 'one')).toBe(200);
    expect(await enrol(await make('code'), 'two')).toBe(200);
    const response = await fetch(`${address}/api/agents`, {
      headers: { authorization: `Bearer ${await make('key')}` },
    });
    expect(await response.json()).toMatchObject({ agents: [{ id: 'one' }, { id: 'two' }] });
    const link = await make('admin');
    expect(link).toMatch(LINK);
    expect(new URL(link).origin).toBe(address);
    expect(await signIn(link)).toBe(200);

    const { body } = await machine.json(['portal', 'key', '--data', data, '--role', 'analyst']);
    expect(body).toMatchObject({ schemaVersion: 1, value: expect.stringMatching(/^ck_/), org: 'default' });
  });

  test.each([
    ['a lifetime of 366 days', ['token', '--ttl-days', '366'], '--ttl-days'],
    ['a lifetime of half a day', ['code', '--ttl-days', '0.5'], '--ttl-days'],
    ['an address beyond this machine', ['--host', '0.0.0.0'], '--insecure-http'],
    ['a port that is none', ['--port', '70000'], '--port'],
    [
      'a database that is named twice',
      ['--database', 'postgres://127.0.0.1/x', '--database-file', 'f'],
      '--database-file',
    ],
    ['an address of another database', ['--database', 'mysql://127.0.0.1/x'], 'postgres://'],
    ['an action that is none', ['dance'], 'dance'],
  ])('refuses %s as wrong usage', async (_what, args, named) => {
    const machine = aMachine();
    const { exitCode, stderr } = await machine.capsule([
      'portal',
      ...args,
      '--data',
      path.join(machine.folder, 'portal'),
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(named);
  });

  test('says of a PostgreSQL that is not there what to look at, and does not start without it', async () => {
    const machine = aMachine();
    const place = ['--database', 'postgres://127.0.0.1:1/x', '--data', path.join(machine.folder, 'portal')];
    const { exitCode, stderr } = await machine.capsule(['portal', ...place]);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^Error The PostgreSQL database cannot be used: /)]);
    expect(stderr).toContain('Check that it runs');
  });
});
