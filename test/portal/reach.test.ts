import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { sendTest } from '../../src/portal/policies/send-notice.ts';
import { OutOfReach, reachOf } from '../../src/portal/reach.ts';
import { sendSyslog } from '../../src/portal/siem/syslog-sender.ts';
import { syslogTo } from './siem/things.ts';

const looked = (host: string, local: boolean, all = false) =>
  new Promise<unknown>((resolve) => {
    reachOf({ local }).lookup(host, { all }, (error, address) => resolve(error ?? address));
  });

test('no administrator has the portal speak to one link, a cloud’s metadata, or many machines, however it is written', () => {
  const hosts = ['169.254.169.254', '[::ffff:169.254.169.254]', '[fe80::1]', '[fd00:ec2::254]', '100.100.100.200'];
  for (const host of [
    ...hosts,
    '0.0.0.0',
    '[::]',
    '224.0.0.1',
    '255.255.255.255',
    '[64:ff9b::a9fe:a9fe]',
    '[ff02::1]',
  ]) {
    expect([host, reachOf({ local: false }).mayTry(host), reachOf({ local: true }).mayTry(host)]).toEqual([
      ...[host, false, false],
    ]);
  }
});

test('this machine is within reach where its operator says so, a private network always', () => {
  for (const host of ['127.0.0.1', '127.1.2.3', '[::1]', '[::ffff:127.0.0.1]']) {
    expect([host, reachOf({ local: false }).mayTry(host), reachOf({ local: true }).mayTry(host)]).toEqual([
      ...[host, false, true],
    ]);
  }
  for (const host of ['10.0.0.7', '192.168.1.2', '[fd12::1]', '203.0.113.9']) {
    expect(reachOf({ local: false }).mayTry(host)).toBe(true);
  }
});

test('a name is judged by what it stands for when it is used', async () => {
  expect(await looked('localhost', false)).toBeInstanceOf(OutOfReach);
  expect(await looked('localhost', false, true)).toBeInstanceOf(OutOfReach);
  // getaddrinfo takes a number for an address.
  expect(await looked('2130706433', false)).toBeInstanceOf(OutOfReach);
  expect(['127.0.0.1', '::1']).toContain(await looked('localhost', true));
});

test('a webhook to this machine is not posted unless the operator allows it, by address and by name', async () => {
  let asked = 0;
  const server = createServer((_incoming, response) => {
    asked++;
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const post = (host: string, local: boolean) =>
    sendTest({ url: `http://${host}:${port}/`, secret: 's', organisation: 'o' }, () => new Date(), {
      ...{ mail: undefined, address: '', reach: reachOf({ local }) },
    });
  for (const host of ['127.0.0.1', 'localhost', '2130706433']) {
    expect(await post(host, false)).toBe('this portal does not connect to that address');
  }
  expect(asked).toBe(0);
  expect(await post('127.0.0.1', true)).toBeNull();
  expect(asked).toBe(1);
  server.close();
});

const { signal } = new AbortController();

test('nor does a stream go there, by whichever transport and name', async () => {
  for (const transport of ['tcp', 'tls', 'udp'] as const) {
    for (const host of ['127.0.0.1', 'localhost', '169.254.169.254']) {
      const destination = syslogTo({ transport, host, port: 9 });
      const trouble = await sendSyslog(destination, { reach: reachOf({ local: false }), signal }, [Buffer.from('x')]);
      expect([transport, host, trouble?.words]).toEqual([
        ...[transport, host, 'this portal does not connect to that address'],
      ]);
    }
  }
});

test('a stream by UDP reaches a name on this machine where that is allowed', async () => {
  const server = createSocket('udp4');
  const got = new Promise((resolve) => server.once('message', (message) => resolve(message.toString())));
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  const destination = syslogTo({ transport: 'udp', host: 'localhost', port: server.address().port });
  const sender = { reach: reachOf({ local: true }), signal };
  expect(await sendSyslog(destination, sender, [Buffer.from('one'), Buffer.from('two')])).toBeNull();
  expect(await got).toBe('one');
  server.close();
});
