import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { aMachine, until } from '../helpers/machine.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';

const AWS = `AKIA${'Q3EGRIQ7ABCDEFGH'}`;

test('a bundle holds what support needs, of a running and of a dead daemon, and no token, prompt, secret or home path', async () => {
  const machine = aMachine();
  const portal = await runPortal(machine);
  await installAt(machine, portal);
  machine.open();
  const session = machine.session('written');
  await machine.playTurn(session, session.turns[0]);
  await until(async () => !(await machine.must(['events'])).includes('waits'), 'everything was delivered');
  appendFileSync(machine.own.log, `not JSON, with ${AWS}\n`);

  const forbidden = [
    (JSON.parse(readFileSync(machine.own.credential, 'utf8')) as { token: string }).token,
    (JSON.parse(readFileSync(machine.own.device, 'utf8')) as { redactionKey: string }).redactionKey,
    'Add a /health route',
    AWS,
    machine.home,
  ];
  const look = async (name: string) => {
    const file = path.join(machine.folder, name);
    const { stdout } = await machine.capsule(['diagnose', '--bundle', file]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const bytes = gunzipSync(readFileSync(file)).toString('latin1');
    for (const secret of forbidden) expect(bytes.includes(secret)).toBe(false);
    const folder = path.join(machine.folder, `${name}-unpacked`);
    execFileSync('mkdir', [folder]);
    execFileSync('tar', ['-xzf', file, '-C', folder]);
    const listed = execFileSync('tar', ['-tzf', file]).toString().trim().split('\n');
    for (const each of listed) expect(stdout.split(each).length - 1).toBeGreaterThanOrEqual(2);
    return { listed, read: (each: string) => readFileSync(path.join(folder, each), 'utf8'), stdout };
  };

  const up = await look('up.tar.gz');
  expect(up.listed).toEqual([
    'README.txt',
    'contents.json',
    'diagnose.json',
    'status.json',
    'versions.json',
    'settings.json',
    'portal.json',
    'attachments.json',
    'outbox.json',
    'daemon.log',
  ]);
  expect(up.read('daemon.log')).toMatch(/not JSON, with \[redacted:/);
  const contents = JSON.parse(up.read('contents.json')) as { redactions: unknown[]; leftOut: { what: string }[] };
  expect(contents.redactions).toContainEqual(expect.objectContaining({ file: 'daemon.log', count: 1 }));
  expect(contents.leftOut.map(({ what }) => what).join()).toContain('prompts');
  expect(JSON.parse(up.read('attachments.json'))).toContainEqual(
    expect.objectContaining({ file: '~/.kiro/hooks/capsule-stop.json' }),
  );
  expect(JSON.parse(up.read('outbox.json'))).toMatchObject({ from: 'daemon', events: 0 });

  await machine.killDaemon();
  const down = await look('down.tar.gz');
  expect(down.listed).toEqual(up.listed);
  expect(JSON.parse(down.read('outbox.json'))).toMatchObject({ from: 'database', waiting: [], rejected: [] });
  expect(down.read('outbox.json')).toContain('"accepted"');

  const taken = path.join(machine.folder, 'taken.tar.gz');
  writeFileSync(taken, 'mine', { mode: 0o644 });
  const refused = await machine.json(['diagnose', '--bundle', taken]);
  expect([refused.exitCode, refused.body]).toMatchObject([1, { error: { code: 'file-unwritable' } }]);
  expect(readFileSync(taken, 'utf8')).toBe('mine');
  const forced = await machine.json(['diagnose', '--bundle', taken, '--force']);
  expect([forced.exitCode, statSync(taken).mode & 0o777]).toEqual([0, 0o600]);
  expect(forced.body.files).toContainEqual(expect.objectContaining({ name: 'contents.json' }));
});

test('there is a bundle also of a machine without an install, which leaves nothing behind, and of a broken one', async () => {
  const machine = aMachine();
  const file = path.join(machine.folder, 'none.tar.gz');
  const none = await machine.json(['diagnose', '--bundle', file]);
  expect(none.body.files).toContainEqual(expect.objectContaining({ name: 'diagnose.json' }));
  expect(existsSync(machine.own.home)).toBe(false);

  mkdirSync(machine.own.home, { recursive: true, mode: 0o700 });
  for (const broken of [machine.own.settings, machine.own.device, machine.own.credential, machine.own.database]) {
    writeFileSync(broken, 'broken');
  }
  const { exitCode, body } = await machine.json(['diagnose', '--bundle', file, '--force']);
  expect(exitCode).toBe(0);
  const leftOut = (body.leftOut as { what: string }[]).map(({ what }) => what);
  expect(leftOut).toEqual(expect.arrayContaining(['settings.json', 'portal.json', 'outbox.json', 'daemon.log']));
});
