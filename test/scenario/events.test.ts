import { expect, test } from '@jest/globals';
import { httpPortal, takesAll } from '../helpers/http-portal.ts';
import { aMachine, longRunning, type Machine, until } from '../helpers/machine.ts';

const SECRET = 'ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8';

/** A machine whose portal remembers each byte that it was sent. */
async function given(): Promise<{ machine: Machine; sentTexts: () => string[] }> {
  const machine = aMachine();
  const portal = await httpPortal((asked) => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    if (asked.path === '/v1/enroll') return { status: 200, body: { credential: 'device', expiresAt, org: 'default' } };
    return asked.path === '/v1/events' ? takesAll(asked) : { status: 200 };
  });
  await machine.must(['config', 'set', 'kiro.appDir', `${machine.folder}/no-kiro`]);
  await machine.must(['install', '--portal', portal.url, '--code-stdin', '--no-service'], 'code');
  const bodies = () => portal.asked.filter(({ path }) => path === '/v1/events').map(({ text }) => text);
  return { machine, sentTexts: bodies };
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

test('a developer sees each event as it is captured, and exactly what left the machine, with the daemon up and down', async () => {
  const { machine, sentTexts } = await given();
  const following = longRunning(machine, ['events', '--follow', '--last', '1000']);
  const followingSent = longRunning(machine, ['events', '--follow', '--sent', '--json', '--last', '1000']);
  const session = machine.session('written');
  const [turn] = session.turns;
  if (turn === undefined) throw new Error('the session has a turn');
  const turnWithSecret = JSON.parse(
    JSON.stringify(turn).replaceAll('Add a /health', `Add ${SECRET} to a /health`),
  ) as typeof turn;
  await machine.playTurn(session, turnWithSecret);

  await following.said(/turn end/);
  await followingSent.said(/"kind":"turn\.ended"/);
  const live = await followingSent.stop();
  expect((await following.stop()).exitCode).toBe(0);
  await until(
    async () => !(await machine.must(['events', '--last', '1000'])).includes('waits'),
    'everything was acknowledged',
  );

  const up = lines(await machine.must(['events', '--sent', '--json', '--last', '1000']));
  expect(lines(live.stdout)).toEqual(up);
  const texts = up.map(
    (line) =>
      /^\{"schemaVersion":1,"time":"[^"]+","answer":"accepted","destination":"portal","event":(.*)\}$/.exec(line)?.[1],
  );
  expect(texts.length).toBeGreaterThan(4);
  expect(sentTexts()).toHaveLength(new Set(sentTexts()).size);
  const asSent = sentTexts().map((text) => text.slice('{"events":['.length, -']}'.length));
  expect(asSent.join(',')).toBe(texts.join(','));
  expect(up.join('\n')).not.toContain(SECRET);

  const said = await machine.must(['events', '--last', '1000']);
  expect(said).toMatch(/sent {4}prompt .*\[redacted:/);
  expect(said).toContain('1 secret taken out: ');
  const plain = lines(await machine.must(['events', '--sent', '--last', '1', '--kind', 'turn.ended']));
  expect(plain).toEqual([expect.stringMatching(/ {2}accepted {2}turn\.ended {2}\d+ bytes/), texts.at(-1)]);

  await machine.killDaemon();
  expect(lines(await machine.must(['events', '--sent', '--json', '--last', '1000']))).toEqual(up);
  const { exitCode, body } = await machine.json(['events', '--follow']);
  expect([exitCode, body]).toMatchObject([1, { error: { code: 'daemon-down' } }]);

  await machine.must(['config', 'set', 'outbox.sentMaxBytes', '0']);
  await machine.must(['start']);
  await until(async () => (await machine.must(['events', '--sent', '--json'])) === '', 'nothing is kept any more');
  expect(await machine.must(['events', '--sent'])).toContain('outbox.sentMaxBytes is 0');
});

test('a daemon that hangs is said to hang, and is not waited for', async () => {
  const { machine } = await given();
  const pid = machine.daemonPid();
  if (pid === undefined) throw new Error('a daemon runs');
  process.kill(pid, 'SIGSTOP');
  const { exitCode, body } = await machine.json(['events']);
  expect([exitCode, body]).toMatchObject([1, { error: { code: 'daemon-down' } }]);
});
