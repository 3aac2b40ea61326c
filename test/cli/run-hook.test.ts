import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runHook0x, runHook1x, stopPayload } from '../../src/cli/run-hook.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const place = () => ({ cwd: tempFolder(), env: { PATH: '/usr/bin:/bin' } });

test('a hook of Kiro 1.x gets its JSON on stdin, without a newline, and then the end of it', async () => {
  const { exitCode, output } = await runHook1x('cat; echo "|$?"', stopPayload('s', '/w'), place());
  expect([exitCode, output]).toEqual([0, '{"session_id":"s","hook_event_name":"Stop","cwd":"/w"}|0\n']);
});

test('a hook of Kiro 0.x gets a variable, in its folder, and a stdin that never ends', async () => {
  const at = place();
  const { exitCode, output } = await runHook0x('printf %s "$USER_PROMPT" >&2; exit 7', '{"a":1}', at);
  expect([exitCode, output]).toEqual([7, '{"a":1}']);
  const reading = await runHook0x('cat; touch ended', '', { ...at, limitMs: 300 });
  expect(reading.exitCode).toBeNull();
  expect(existsSync(path.join(at.cwd, 'ended'))).toBe(false);
});

test('a hook that takes too long is ended with all that it started', async () => {
  const at = place();
  const { exitCode, output } = await runHook0x('(sleep 60; touch late) & echo begun; wait', '', {
    ...at,
    limitMs: 300,
  });
  expect([exitCode, output]).toEqual([null, 'begun\n']);
});

test('a folder that is gone is a failure that names it', async () => {
  const at = { ...place(), cwd: '/nowhere/at/all' };
  await expect(runHook0x('true', '', at)).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('/nowhere/at/all'),
  });
});
