/** Each breakage of the way to the portal is told under its own id, and its own advice heals it. */
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { certificate, hasOpenssl, secureServer } from '../helpers/certificates.ts';
import { until } from '../helpers/machine.ts';
import { tlsFront, tunnelTo } from '../helpers/proxy.ts';
import { healthyMachine, type Sick } from '../helpers/sick-machine.ts';

const servers: http.Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Answers everything, whatever was asked; its address. */
async function listens(status: number, text: string, date?: string): Promise<string> {
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(status, date === undefined ? {} : { date });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Changes what the credential says; answers what it said. */
function changeCredential({ machine: { own } }: Sick, change: Record<string, string>): string {
  const before = readFileSync(own.credential, 'utf8');
  writeFileSync(own.credential, `${JSON.stringify({ ...JSON.parse(before), ...change }, null, 2)}\n`);
  return before;
}

async function enrolAgain({ machine, portal, obey, troubles }: Sick, id: string): Promise<void> {
  const [check] = await troubles('--only', id);
  if (check === undefined) throw new Error(`${id} is not told`);
  expect(check.fix?.command).toBe('capsule-kiro token set');
  await obey(check, await machine.must(['portal', 'code', '--data', portal.data]));
  await until(async () => (await troubles()).length === 0, 'it has enrolled again');
}

describe('the credential', () => {
  test('that expired or is refused is told, and a new code heals it', async () => {
    const sick = await healthyMachine();
    // The daemon itself would renew one that the portal still takes.
    changeCredential(sick, { expiresAt: '2026-01-01T00:00:00.000Z', token: 'taken-no-more' });
    expect((await sick.only('token.valid')).evidence).toEqual(['it expired on 2026-01-01T00:00:00.000Z']);
    await enrolAgain(sick, 'token.valid');

    changeCredential(sick, { token: 'of-another-portal' });
    expect((await sick.only('token.accepted')).evidence).toEqual(['it is refused (401)']);
    await enrolAgain(sick, 'token.accepted');

    const text = readFileSync(sick.machine.own.credential, 'utf8');
    writeFileSync(sick.machine.own.credential, text.slice(0, 20));
    const broken = await sick.machine.json(['diagnose', '--only', 'token']);
    expect(broken.exitCode).toBe(3);
    writeFileSync(sick.machine.own.credential, text);
    await sick.healthy();
  });
});

test('a credential that was revoked at the portal is told, and a new code heals it', async () => {
  const sick = await healthyMachine();
  const { machine, portal } = sick;
  const key = (await machine.must(['portal', 'key', '--role', 'admin', '--data', portal.data])).trim();
  const { tokens } = (await portal.get('/api/tokens', key)).body as { tokens: { id: string; kind: string }[] };
  const [device] = tokens.filter(({ kind }) => kind === 'device');
  const revoked = await fetch(new URL(`/api/tokens/${device?.id}/revoke`, portal.address), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
  });
  expect(revoked.status).toBe(200);
  expect((await sick.only('token.accepted')).evidence).toEqual(['it is refused (401)']);
  await enrolAgain(sick, 'token.accepted');
});

describe('the way to the portal', () => {
  test('is told step by step: name, connection, what answers', async () => {
    const sick = await healthyMachine();
    const { own } = sick.machine;

    await sick.portal.stop();
    expect((await sick.only('portal.reachable')).evidence.join()).toMatch(
      /127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/,
    );
    await sick.portal.again();
    await sick.healthy();

    // No part of a name may be that long, so no server is asked for it.
    const before = changeCredential(sick, { portal: `http://${'a'.repeat(64)}.example` });
    expect((await sick.only('portal.name')).evidence.join()).toContain('is not known here');
    writeFileSync(own.credential, before);
    await sick.healthy();

    changeCredential(sick, { portal: await listens(200, '<title>Sign in to the network</title>') });
    expect((await sick.only('portal.answers')).evidence.join()).toContain('status 200) is no portal');
    writeFileSync(own.credential, before);
    await sick.healthy();
  });

  test('through a proxy that wants a password is told with what to do, and the password is not', async () => {
    const sick = await healthyMachine();
    const { own, must } = sick.machine;
    const before = changeCredential(sick, { portal: 'http://capsule.example' });
    const proxy = (await listens(407, 'Who are you?')).replace('//', '//dev:hunter2@');
    await must(['config', 'set', 'proxy.url', '--stdin'], proxy);
    const { stdout } = await sick.machine.capsule(['diagnose', '-v', '--only', 'portal']);
    expect(stdout).toContain('the proxy wants a user name and password (407)');
    expect(stdout).not.toContain('hunter2');
    expect((await sick.troubles('--only', 'portal')).map(({ id }) => id)).toEqual(['portal.tls', 'portal.answers']);
    writeFileSync(own.credential, before);
    await sick.healthy();
  });

  const named = hasOpenssl ? test : test.skip;
  named('to a portal whose certificate nobody here trusts names who issued it', async () => {
    const sick = await healthyMachine();
    const { own, must } = sick.machine;
    const shown = certificate();
    const { port, asked } = await secureServer(shown);
    const before = changeCredential(sick, { portal: `https://localhost:${port}` });
    const tls = await sick.only('portal.tls');
    expect(tls.evidence.join()).toMatch(/not trusted here .*for localhost, issued by localhost, valid until 20/);
    expect(asked).toEqual([]);
    expect(tls.fix?.say).toContain('capsule-kiro config set portal.caFile FILE');
    await must(['config', 'set', 'portal.caFile', shown.file]);
    expect((await sick.troubles('--only', 'portal')).map(({ id }) => id)).toEqual(['portal.answers']);
    writeFileSync(own.credential, before);
    await sick.healthy();
  });

  named(
    'through a proxy that only the shell knows, to a certificate that nobody here trusts, is told and set right',
    async () => {
      const sick = await healthyMachine();
      const { machine, portal } = sick;
      const shown = certificate({ name: 'capsule.example' });
      const proxy = await tunnelTo(await tlsFront(shown, portal.address));
      await machine.must(['config', 'set', 'portal.caFile', shown.file]);
      changeCredential(sick, { portal: 'https://capsule.example:8443' });
      await machine.must(['config', 'set', 'portal.url', 'https://capsule.example:8443']);
      machine.env.HTTPS_PROXY = proxy;
      const [name, shell] = await sick.troubles('--only', 'portal');
      expect([name?.id, shell?.id, shell?.evidence.join()]).toEqual([
        'portal.name',
        'portal.proxy',
        `this shell names ${proxy}, our settings none`,
      ]);
      if (shell === undefined) throw new Error('not told');
      await sick.obey(shell);
      await sick.healthy();

      await machine.must(['config', 'set', 'portal.caFile', 'null']);
      const tls = await sick.only('portal.tls');
      expect(tls.evidence.join()).toContain('issued by capsule.example, valid until 20');
      await machine.must(['config', 'set', 'portal.caFile', shown.file]);
      await sick.healthy();
    },
  );

  test('with another time than here is told', async () => {
    const sick = await healthyMachine();
    const { own } = sick.machine;
    const date = new Date(Date.now() + 60 * 60_000).toUTCString();
    const before = changeCredential(sick, { portal: await listens(200, '{}', date) });
    const clock = async () => (await sick.troubles('--only', 'clock'))[0];
    const told = await until(clock, 'the daemon has heard the time');
    expect(told.evidence.join()).toMatch(/3[56]\d\d s behind the portal/);
    writeFileSync(own.credential, before);
    await until(async () => (await sick.troubles()).length === 0, 'it has heard the right time');
  });
});
