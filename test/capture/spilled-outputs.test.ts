import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { MAX_TEXT_BYTES } from '../../src/capture/cut-to-size.ts';
import { type GivenSession, givenSession, line, ofKind, readAll } from './given-session.ts';

const calledWith = (content: unknown, more = {}) =>
  line('c', { type: 'tool_call', toolCallId: 'tooluse_1', toolName: 'execute_bash', kind: 'execute', ...more }) +
  line('r', { type: 'tool_result', toolCallId: 'tooluse_1', content, success: true });

function spill(session: GivenSession, text: string, name = 'tooluse_1-0a1b2c3d.txt'): void {
  const folder = path.join(session.folder.path, 'tool-outputs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

async function toolOf(session: GivenSession) {
  const [event] = ofKind((await readAll(session)).events, 'tool.invoked');
  if (event === undefined) throw new Error('no call was told');
  return event;
}

describe('an output that Kiro moved to a file of its own', () => {
  test.each([
    ['is named by the result', 'Output is in tool-outputs/tooluse_1-0a1b2c3d.txt'],
    ['stands for an empty result', ''],
    ['stands for a result without content', undefined],
    ['stands for an empty object', '{}'],
  ])('%s and is told in its place', async (_, content) => {
    const session = givenSession(calledWith(content));
    spill(session, 'line 1\nline 2\n');
    expect((await toolOf(session)).body.result).toBe('line 1\nline 2\n');
  });

  test('leaves a result that does not refer to it alone', async () => {
    const session = givenSession(calledWith('All 12 tests passed'));
    spill(session, 'something else');
    expect((await toolOf(session)).body.result).toBe('All 12 tests passed');
  });

  test('has its exit code in its last line', async () => {
    const session = givenSession(calledWith(''));
    spill(session, 'Output:\nfailed\n\nExit Code: 2');
    const { body, source } = await toolOf(session);
    expect(body).toMatchObject({ exitCode: 2, success: false });
    expect(source.inferred).toContain('success');
  });

  test('is redacted, and cut like any text', async () => {
    const session = givenSession(calledWith(''));
    spill(session, `token ghp_0123456789abcdefghijABCDEFGHIJ012345\n${'word '.repeat(100_000)}`);
    const { body, truncated, redactions } = await toolOf(session);
    expect(String(body.result)).toMatch(/^token \[redacted:/);
    expect(Buffer.byteLength(String(body.result))).toBeLessThanOrEqual(MAX_TEXT_BYTES);
    expect(truncated).toMatchObject([{ field: '/body/result' }]);
    expect(truncated?.[0]?.bytes).toBeGreaterThan(499_000);
    expect(redactions).toHaveLength(1);
  });

  test.each(['tooluse_1-0a1b2c3d.log', 'tooluse_1-xyz.txt', 'tooluse_2-0a1b2c3d.txt', 'tooluse_1.txt'])(
    'is not %s',
    async (name) => {
      const session = givenSession(calledWith(''));
      spill(session, 'not this one', name);
      expect((await toolOf(session)).body.result).toBe('');
    },
  );

  test('is not read behind a link', async () => {
    const session = givenSession(calledWith(''));
    const elsewhere = path.join(session.host.home, 'private.txt');
    writeFileSync(elsewhere, 'private');
    mkdirSync(path.join(session.folder.path, 'tool-outputs'));
    symlinkSync(elsewhere, path.join(session.folder.path, 'tool-outputs', 'tooluse_1-0a1b2c3d.txt'));
    expect((await toolOf(session)).body.result).toBe('');
  });
});
