import { expect, test } from '@jest/globals';
import { silentLog } from '../../../../src/core/log.ts';
import { openPool } from '../../../../src/portal/store/postgres/database.ts';
import { openPostgresStore } from '../../../../src/portal/store/postgres/open.ts';
import type { Signal } from '../../../../src/portal/store/replicas.ts';
import { StoreUnavailable } from '../../../../src/portal/store/store-unavailable.ts';
import { until } from '../../../helpers/machine.ts';
import { postgresForTests, withPostgres } from '../../../helpers/postgres.ts';

const AT = '2026-09-03T13:00:00.000Z';

withPostgres('replicas', () => {
  const postgres = postgresForTests();
  const open = (url: string) => openPostgresStore({ url, now: () => new Date(AT), connections: 3 });

  test('do what one does for all one at a time, and another takes over when it goes', async () => {
    const url = await postgres.database();
    const [first, second] = await Promise.all([open(url), open(url)]);
    expect(await first.replicas?.mine('runs')).toBe(true);
    expect(await second.replicas?.mine('runs')).toBe(false);
    expect(await second.replicas?.mine('retention')).toBe(true);
    expect(await first.replicas?.mine('retention')).toBe(false);
    await first.close();
    await until(() => second.replicas?.mine('runs'), 'the second does what the first did');
    await second.close();
  });

  test('lose their jobs when they fall silent, as a stuck process does', async () => {
    const url = await postgres.database();
    // Its own beat is slower than the database's patience, so to the database it is stuck.
    const silent = await openPostgresStore({ url, now: () => new Date(AT), connections: 3, silenceMs: 500 });
    expect(await silent.replicas?.mine('streams')).toBe(true);
    const other = await open(url);
    await until(() => other.replicas?.mine('streams'), 'the other does what the silent one did');
    for (const store of [silent, other]) await store.close();
  });

  test('hear each other and not themselves, and are told when they may have missed something', async () => {
    const url = await postgres.database();
    const [first, second] = await Promise.all([open(url), open(url)]);
    const heard: { by: string; signal: Signal | 'missed' }[] = [];
    first.replicas?.hear((signal) => heard.push({ by: 'first', signal }));
    second.replicas?.hear((signal) => heard.push({ by: 'second', signal }));
    await Promise.all([first, second].map((store) => store.replicas?.mine('runs')));
    first.replicas?.tell({ what: 'run-cancelled', org: 'org', id: 'run' });
    await until(() => heard.length > 0, 'the second hears it');
    expect(heard).toEqual([{ by: 'second', signal: { what: 'run-cancelled', org: 'org', id: 'run' } }]);
    const sessions = Array.from({ length: 500 }, (_, n) => `sess_${n}_${'x'.repeat(50)}`);
    first.replicas?.tell({ what: 'stored', org: 'org', message: { events: 7, sessions, agents: ['a'] } });
    await until(() => heard.length > 1, 'the second hears of many');
    expect(heard[1]?.signal).toMatchObject({ message: { events: 7, sessions: [] } });
    await postgres.kill();
    await postgres.start();
    await until(
      () => heard.filter(({ signal }) => signal === 'missed').length === 2,
      'both know that they missed something',
    );
    await until(() => second.replicas?.mine('runs').catch(() => false), 'its jobs are to be had again');
    for (const store of [first, second]) await store.close();
  }, 60_000);

  test('count wrong guesses of secrets together', async () => {
    const url = await postgres.database();
    const [first, second] = await Promise.all([open(url), open(url)]);
    await first.guesses?.add(['from:1', 'account:2'], AT, '2026-09-03T12:50:00.000Z');
    expect(await second.guesses?.since(['from:1'], '2026-09-03T12:50:00.000Z')).toEqual([{ key: 'from:1', at: AT }]);
    await second.guesses?.forget(['from:1']);
    expect(await first.guesses?.since(['from:1', 'account:2'], '2026')).toEqual([{ key: 'account:2', at: AT }]);
    for (const store of [first, second]) await store.close();
  });

  test('send a notice once: what one took is another’s only when it was not settled in time', async () => {
    const url = await postgres.database();
    const [first, second] = await Promise.all([open(url), open(url)]);
    const { id } = await first.organisation('default', AT);
    const hook = { id: 'hook', url: 'https://example.com', severities: ['low' as const], secret: '' };
    await first.notifications.addWebhook(id, hook, AT, 'test');
    await postgres.admin(url, (client) =>
      client.query(
        `INSERT INTO notices (org_id, webhook_id, detections, made_at, tries, next_at) SELECT $1, 'hook', '[]', $2, 0, $2
         FROM generate_series(1, 20)`,
        [id, AT],
      ),
    );
    const taken = (
      await Promise.all([first, second, first, second].map((store) => store.notifications.due(AT, 10)))
    ).flat();
    expect(taken.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    const late = '2026-09-03T13:10:00.000Z';
    for (const notice of taken.slice(1))
      await first.notifications.settle(notice, { at: AT, nextAt: null, trouble: null });
    expect(await second.notifications.due(late, 10)).toMatchObject([{ seq: taken[0]?.seq }]);
    for (const store of [first, second]) await store.close();
  });
});

withPostgres('a transaction', () => {
  const postgres = postgresForTests();

  test('is done again when PostgreSQL asks for it, and given up when it asks too often', async () => {
    const database = openPool({ url: await postgres.database(), log: silentLog });
    let tries = 0;
    const deadlock = () => Object.assign(new Error('deadlock detected'), { code: '40P01' });
    const third = database.portalWriting(async () => {
      if (++tries < 3) throw deadlock();
      return 'done';
    });
    expect(await third).toBe('done');
    const never = database.portalWriting(async () => Promise.reject(deadlock()));
    await expect(never).rejects.toBeInstanceOf(StoreUnavailable);
    await database.close();
  });

  test('whose connection ends in the middle says that the database is away, and leaves nothing behind', async () => {
    const url = await postgres.database();
    const database = openPool({ url, log: silentLog });
    await database.portal.run('CREATE TABLE kept (n INTEGER)');
    const broken = database.portalWriting(async (rows) => {
      await rows.run('INSERT INTO kept VALUES (1)');
      const me = await rows.get<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await postgres.admin(url, (client) => client.query('SELECT pg_terminate_backend($1)', [me?.pid]));
      await rows.run('INSERT INTO kept VALUES (2)');
    });
    await expect(broken).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await database.portal.all('SELECT n FROM kept')).toEqual([]);
    await database.close();
  });
});
