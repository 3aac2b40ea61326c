import { expect, test } from '@jest/globals';
import type { ListedEvent } from '../../../src/portal/answers.ts';
import { eventLine } from '../../../src/portal/web/audit/event-line.ts';
import { makeEvent } from '../../helpers/portal-events.ts';

test.each<[ListedEvent, ReturnType<typeof eventLine>]>([
  [makeEvent('prompt.submitted', { body: { text: ' Fix\n  it ' } }), { text: 'Fix it', durationMs: null }],
  [makeEvent('agent.responded', { body: { text: null } }), { text: 'No text is recorded', durationMs: null }],
  [makeEvent('agent.reasoned'), { text: 'Withheld: Kiro does not keep the text', durationMs: null }],
  [
    makeEvent('tool.invoked', { body: { exitCode: 1, mcpServer: 'jira' } }),
    { name: 'jira › execute_bash', text: 'npm test', result: { words: 'exit 1', bad: true }, durationMs: 38 },
  ],
  [
    makeEvent('turn.ended', { body: { reason: 'error', error: 'overloaded' } }),
    { text: 'overloaded', result: { words: 'error', bad: true }, durationMs: 99_000 },
  ],
  [makeEvent('session.started'), { text: '1 MCP server · 1 skill · 1 steering file', durationMs: null }],
  [makeEvent('capture.gap'), { text: '37 events lost: outbox limit', durationMs: null }],
])('an event is told in one line', (event, line) => {
  expect(eventLine(event)).toEqual(line);
});
