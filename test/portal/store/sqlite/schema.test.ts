import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { MIGRATIONS } from '../../../../src/portal/store/sqlite/schema.ts';
import { makeEvent } from '../../../helpers/portal-events.ts';
import { tempFolder } from '../../../helpers/temp-home.ts';

const AT = '2026-09-03T13:00:00.000Z';

test('a database of before is taken over with everything in it', () => {
  const old = new DatabaseSync(path.join(tempFolder(), 'portal.db'));
  const place = MIGRATIONS.findIndex((sql) => sql.includes('events_new'));
  for (const sql of MIGRATIONS.slice(0, place)) old.exec(sql);
  const event = makeEvent('tool.invoked', {
    body: { success: false, exitCode: 2, mcpServer: 'jira', arguments: { command: 'say\nhello' } },
    redactions: [{ rule: 'a', field: '/x', count: 1, hash: 'x' }],
  });
  const plain = makeEvent('prompt.submitted');
  old.exec("INSERT INTO organisations VALUES ('o', 'default', '')");
  const insert = old.prepare(
    `INSERT INTO events (org_id, event_id, kind, time, session_id, turn_key, ordinal, workspace_id, device_id, received_at, event)
     VALUES ('o', ?, ?, ?, ?, 't', 1, ?, ?, ?, ?)`,
  );
  for (const each of [event, plain]) {
    const place = [each.workspace?.id ?? null, each.device.id, AT, JSON.stringify(each)];
    insert.run(each.id, each.kind, each.time, each.session.id, ...place);
  }
  for (const sql of MIGRATIONS.slice(place)) old.exec(sql);
  expect(
    old.prepare('SELECT tool, mcp_server, success, exit_code, duration_ms, rules, user, model FROM events').all(),
  ).toEqual([
    {
      ...{ tool: 'execute_bash', mcp_server: 'jira', success: 0, exit_code: 2, duration_ms: 38, rules: ' a ' },
      ...{ user: 'dev', model: 'auto' },
    },
    {
      ...{ tool: null, mcp_server: null, success: null, exit_code: null, duration_ms: null, rules: null },
      ...{ user: 'dev', model: 'auto' },
    },
  ]);
  expect(old.prepare("SELECT rowid FROM event_words WHERE event_words MATCH 'arguments : hello'").all()).toHaveLength(
    1,
  );
  expect(old.prepare('SELECT kind, tool, events, failures FROM hourly ORDER BY kind').all()).toEqual([
    { kind: 'prompt.submitted', tool: '', events: 1, failures: 0 },
    { kind: 'tool.invoked', tool: 'execute_bash', events: 1, failures: 1 },
  ]);
  // What goes from the events goes from the index of words.
  old.exec('DELETE FROM events');
  expect(old.prepare("SELECT rowid FROM event_words WHERE event_words MATCH 'hello'").all()).toEqual([]);
  old.close();
});
