import { describe, expect, test } from '@jest/globals';
import type { CapsuleEvent, ContentLevel } from '../../src/core/event.ts';
import { givenContext, givenSession, line, ofKind, readAll } from './given-session.ts';

const SECRET = `ghp_${'a1B2'.repeat(9)}`;
const PASSWORD = 'correcthorsebattery';
const EXECUTION = '44444444-0000-4000-8000-000000000001';

/** A turn with a secret in every place that holds text. */
const TURN = [
  line('u', { type: 'user', content: [{ type: 'text', text: `use ${SECRET}` }], executionId: EXECUTION }),
  line('a', { type: 'assistant', content: `with ${SECRET}`, executionId: EXECUTION }),
  line('c', {
    type: 'tool_call',
    toolCallId: 't1',
    toolName: 'execute_bash',
    kind: 'execute',
    args: { command: `curl -d '${JSON.stringify({ password: PASSWORD })}' x`, headers: { 'X-Api-Key': 'k' } },
    executionId: EXECUTION,
  }),
  line('r', { type: 'tool_result', toolCallId: 't1', content: `ok ${SECRET}`, success: true, executionId: EXECUTION }),
  line('c2', {
    type: 'tool_call',
    toolCallId: 't2',
    toolName: 'read_file',
    kind: 'read',
    args: { path: '.env' },
    executionId: EXECUTION,
  }),
  line('r2', { type: 'tool_result', toolCallId: 't2', content: 'COLOUR=green', success: true, executionId: EXECUTION }),
].join('');

async function readAt(level: ContentLevel): Promise<CapsuleEvent[]> {
  const session = givenSession(TURN, { title: `about ${SECRET}` });
  return (await readAll(session, null, givenContext({ levelFor: () => level }))).events;
}

const KINDS = ['session.started', 'prompt.submitted', 'agent.responded', 'tool.invoked', 'tool.invoked'];

describe('what leaves the machine', () => {
  test('is all at level full', async () => {
    const events = await readAt('full');
    expect(events.map((event) => event.kind)).toEqual(KINDS);
    const text = JSON.stringify(events);
    for (const part of [SECRET, PASSWORD, 'COLOUR=green']) expect(text).toContain(part);
    expect(events.flatMap((event) => event.redactions)).toEqual([]);
  });

  test('is all but the secrets at level redacted, with receipts', async () => {
    const events = await readAt('redacted');
    expect(events.map((event) => event.kind)).toEqual(KINDS);
    const text = JSON.stringify(events);
    for (const part of [SECRET, PASSWORD, 'COLOUR=green']) expect(text).not.toContain(part);
    const [bash, read] = ofKind(events, 'tool.invoked');
    expect(bash?.redactions.map(({ rule, field }) => [rule, field])).toEqual([
      ['github-token', '/session/title'],
      ['quoted-secret', '/body/arguments/command'],
      ['secret-name', '/body/arguments/headers/X-Api-Key'],
      ['github-token', '/body/result'],
    ]);
    expect(read).toMatchObject({ body: { arguments: { path: '.env' }, success: true } });
    expect(read?.redactions.map(({ rule, field }) => [rule, field])).toContainEqual([
      'origin:env-file',
      '/body/result',
    ]);
  });

  test('is no text at level metadata, and no hash of a secret', async () => {
    const redacted = await readAt('redacted');
    const events = await readAt('metadata');
    expect(events.map((event) => event.id)).toEqual(redacted.map((event) => event.id));
    expect(JSON.stringify(events)).not.toMatch(new RegExp(`${SECRET}|${PASSWORD}|COLOUR|curl|use |with `));
    for (const call of ofKind(events, 'tool.invoked'))
      expect(call.body).toMatchObject({ arguments: null, result: null });
  });

  test('is nothing at level off', async () => {
    expect(await readAt('off')).toEqual([]);
  });
});
