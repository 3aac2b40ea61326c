import { expect, test } from '@jest/globals';
import { endAndStart } from '../../src/relay/local-client.ts';

test('a process that may have been stopped is ended for certain, in the words of its system', () => {
  expect(endAndStart(4711, 'linux')).toBe('kill -9 4711; capsule-kiro start');
  expect(endAndStart(4711, 'win32')).toBe('taskkill /F /PID 4711; capsule-kiro start');
  expect(endAndStart(undefined, 'darwin')).toBe('kill -9 PROCESS; capsule-kiro start');
});
