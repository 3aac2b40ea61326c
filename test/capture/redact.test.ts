import { describe, expect, test } from '@jest/globals';
import { createRedactor } from '../../src/capture/redact.ts';
import type { SecretRule } from '../../src/capture/secret-rule.ts';
import type { CapsuleEvent, Json } from '../../src/core/event.ts';
import { anEvent } from '../helpers/events.ts';

const KEY = Buffer.alloc(32, 1);
const SECRET = `ghp_${'a1B2'.repeat(9)}`;
const redactor = createRedactor({ key: KEY, clock: () => 0 });

function aCall(args: Json, result: Json = null): CapsuleEvent {
  const body = {
    callId: 'c1',
    name: 'execute_bash',
    kind: 'execute',
    mcpServer: null,
    arguments: args,
    result,
    success: true,
    exitCode: 0,
    startedAt: null,
    endedAt: null,
    durationMs: null,
    approval: null,
    subAgent: null,
  };
  return anEvent<'tool.invoked'>(1, { kind: 'tool.invoked', body });
}

async function redactedArguments(args: Json): Promise<Json> {
  const event = await redactor.redactEvent(aCall(args));
  return event.kind === 'tool.invoked' ? event.body.arguments : null;
}

describe('redacting an event', () => {
  test('looks once for secrets in a short text that has none, and each time in one that has', async () => {
    const seen: string[] = [];
    const looks: SecretRule = {
      name: 'looks',
      find: (text) => {
        seen.push(text);
        return text.includes('hunter2') ? [[0, 7]] : [];
      },
    };
    const { redactEvent } = createRedactor({ key: KEY, clock: () => 0, rules: () => [looks] });
    const texts = ['/home/dev/demo', 'hunter2 it is', 'x'.repeat(201)];
    for (let n = 0; n < 2; n++) await redactEvent(aCall(texts));
    const scanned = (text: string) => seen.filter((each) => each === text).length;
    expect(texts.map(scanned)).toEqual([1, 2, 2]);
  });

  test('leaves an event without secrets as it is', async () => {
    const event = aCall({ command: 'npm test', depth: 3, all: true }, 'ok');
    expect(await redactor.redactEvent(event)).toEqual(event);
  });

  test('takes secrets out of every text, with a receipt that says where', async () => {
    const event = await redactor.redactEvent(
      aCall({ command: `echo ${SECRET}`, 'a/b': [SECRET, SECRET] }, `${SECRET} ${SECRET}`),
    );
    expect(JSON.stringify(event)).not.toContain(SECRET);
    const hash = expect.stringMatching(/^hmac:[0-9a-f]{16}$/);
    expect(event.redactions).toEqual([
      { rule: 'github-token', field: '/body/arguments/command', count: 1, hash },
      { rule: 'github-token', field: '/body/arguments/a~1b/0', count: 1, hash },
      { rule: 'github-token', field: '/body/arguments/a~1b/1', count: 1, hash },
      { rule: 'github-token', field: '/body/result', count: 2, hash },
    ]);
    expect(new Set(event.redactions.map((receipt) => receipt.hash)).size).toBe(1);
  });

  test('takes out whatever stands under a name that says secret', async () => {
    const placeholder = expect.stringMatching(/^\[redacted:secret-name:[0-9a-f]{8}\]$/);
    expect(
      await redactedArguments({
        headers: { Authorization: 'abc', 'X-Api-Key': 'k', Accept: 'json' },
        password: 12345,
        credentials: { user: 'dev', list: ['a'] },
        cookie: `\${COOKIE}`,
        max_tokens: 10,
        nested: { db_password: 'x', token: null, secret: true },
      }),
    ).toEqual({
      headers: { Authorization: placeholder, 'X-Api-Key': placeholder, Accept: 'json' },
      password: placeholder,
      credentials: { user: placeholder, list: [placeholder] },
      cookie: `\${COOKIE}`,
      max_tokens: 10,
      nested: { db_password: placeholder, token: null, secret: true },
    });
  });

  test('finds a secret that is a name itself', async () => {
    expect(JSON.stringify(await redactedArguments({ [SECRET]: 1 }))).toMatch(
      /^\{"\[redacted:github-token:[0-9a-f]{8}\]":1\}$/,
    );
  });

  test('drops what is nested deeper than any arguments', async () => {
    let deep: Json = 'bottom';
    for (let depth = 0; depth < 60; depth++) deep = { in: deep };
    expect(JSON.stringify(await redactedArguments(deep))).toMatch(/\[redacted:too-deep:[0-9a-f]{8}\]/);
    expect(JSON.stringify(await redactedArguments(deep))).not.toContain('bottom');
  });

  test('keeps receipts readable however many secrets there are', async () => {
    const event = await redactor.redactEvent(
      aCall(Array.from({ length: 300 }, (_, n) => `ghp_${String(n).padStart(36, '0')}`)),
    );
    expect(event.redactions).toHaveLength(100);
    expect(event.redactions.reduce((sum, receipt) => sum + receipt.count, 0)).toBe(300);
  });
});

describe('a call that reads or writes a file of secrets', () => {
  const marker = (origin: string) => expect.stringMatching(new RegExp(`^\\[redacted:origin:${origin}:[0-9a-f]{8}\\]$`));

  test('leaves without what was read, with a receipt', async () => {
    const event = await redactor.redactEvent(aCall({ path: '/home/dev/app/.env' }, 'COLOUR=plain-looking'));
    expect(event).toMatchObject({
      body: { arguments: { path: '/home/dev/app/.env' }, result: marker('env-file'), success: true, exitCode: 0 },
      redactions: [{ rule: 'origin:env-file', field: '/body/result', count: 1 }],
    });
  });

  test('leaves without what was written', async () => {
    const call = aCall({ path: 'deploy.pem', text: 'letters only', explanation: 'why' }, { ok: true });
    expect((await redactor.redactEvent(call)).body).toMatchObject({
      arguments: { path: 'deploy.pem', text: marker('key-file'), explanation: 'why' },
      result: marker('key-file'),
    });
  });

  test('leaves without what was written deep in its arguments', async () => {
    const call = aCall({ files: [{ path: '.env', content: 'PORT=1' }] });
    expect((await redactor.redactEvent(call)).body).toMatchObject({
      arguments: { files: [{ path: '.env', content: marker('env-file') }] },
    });
  });

  test('without a result has none afterwards either', async () => {
    const call = aCall({ command: 'cat .env' }, null);
    expect(await redactor.redactEvent(call)).toEqual(call);
  });
});

describe('a text that cannot be scanned', () => {
  const rule = (find: SecretRule['find']): SecretRule => ({ name: 'test', find });
  const withheld = {
    body: { text: expect.stringMatching(/^\[redacted:unscanned:[0-9a-f]{8}\]$/) },
    redactions: [{ rule: 'unscanned', field: '/body/text', count: 1 }],
    truncated: [{ field: '/body/text', bytes: 14 }],
  };
  const event = anEvent(1, { body: { text: 'some long text' }, session: { ...anEvent(1).session, title: null } });

  test('does not leave when a rule throws', async () => {
    const broken = createRedactor({
      key: KEY,
      clock: () => 0,
      rules: () => [
        rule(() => {
          throw new Error('no');
        }),
      ],
    });
    expect(await broken.redactEvent(event)).toMatchObject(withheld);
  });

  test('takes no name of the contract with it: the event stays one, and only data is withheld', async () => {
    const broken = createRedactor({
      key: KEY,
      clock: () => 0,
      rules: () => [rule(() => Promise.reject(new Error('no')))],
    });
    const call = await broken.redactEvent(aCall({ command: 'a long command' }, 'a long result'));
    expect(Object.keys(call.body)).toEqual(Object.keys(aCall({}).body));
    expect(JSON.stringify(call.body)).not.toMatch(/a long/);
  });

  test('does not leave when a rule rejects', async () => {
    const broken = createRedactor({
      key: KEY,
      clock: () => 0,
      rules: () => [rule(() => Promise.reject(new Error('no')))],
    });
    expect(await broken.redactEvent(event)).toMatchObject(withheld);
  });

  test('does not leave when time is up: 50 ms per started 64 KiB', async () => {
    const taking = (ms: number) => {
      let now = 0;
      const slow = rule(() => {
        now += ms;
        return [];
      });
      return createRedactor({ key: KEY, clock: () => now, rules: () => [slow] });
    };
    expect(await taking(51).redactEvent(event)).toMatchObject(withheld);
    expect(await taking(50).redactEvent(event)).toEqual(event);
    const large = { ...event, body: { text: 'x'.repeat(65 * 1024) } } as CapsuleEvent;
    expect((await taking(100).redactEvent(large)).redactions).toEqual([]);
  });
});
