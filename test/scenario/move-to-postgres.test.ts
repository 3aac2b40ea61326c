/** An organisation outgrows its folder: the portal moves to PostgreSQL while agents go on. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { factsOfTurn } from '../../src/cli/demo/facts.ts';
import { aMachine } from '../helpers/machine.ts';
import { postgresForTests, withPostgres } from '../helpers/postgres.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';

withPostgres('a portal that moves from its folder to PostgreSQL', () => {
  const postgres = postgresForTests();

  test('is the same portal to agents and people; what happened meanwhile arrives; its folder is used no more', async () => {
    const machine = aMachine();
    const portal = await runPortal(machine);
    await installAt(machine, portal);
    const session = machine.session('written');
    await machine.playTurn(session, session.turns[0]);
    const facts = (turns: number) => [
      `session.started ${session.id}`,
      ...session.turns.slice(0, turns).flatMap(factsOfTurn),
    ];
    expect(await portal.arrival(session.id, facts(1))).toMatchObject({ missing: [], surplus: [] });
    const file = path.join(machine.folder, 'db.url');
    writeFileSync(file, await postgres.database(), { mode: 0o600 });
    const place = ['--data', portal.data, '--database-file', file];

    expect(await machine.capsule(['portal', 'move', ...place])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/A portal still uses .*\n.*Stop it first/s),
    });
    await portal.stop();
    await machine.playTurn(session, session.turns[1]);
    expect(await machine.must(['portal', 'move', ...place])).toMatch(
      /^1 organisation moved to PostgreSQL, with 1 agent and \d+ events/,
    );
    expect(await machine.capsule(['portal', 'move', ...place])).toMatchObject({ exitCode: 1 });
    expect(await machine.capsule(['portal', 'key', '--data', portal.data])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('was moved to PostgreSQL'),
    });

    await portal.again(place);
    expect(await portal.arrival(session.id, facts(2))).toMatchObject({ missing: [], surplus: [] });
    expect(await machine.must(['portal', 'verify', ...place])).toMatch(/^✓ org_\w+: \d+ links fit/m);
    await portal.stop();
    expect(await machine.must(['portal', 'move', '--back', '--data', portal.data])).toContain('can use');
    expect(await machine.must(['portal', 'key', '--data', portal.data])).not.toBe('');
  });
});
