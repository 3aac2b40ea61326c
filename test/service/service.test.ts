import { expect, test } from '@jest/globals';
import { findService } from '../../src/service/service.ts';
import { fakeRun } from '../helpers/fake-run.ts';
import { tempHost } from '../helpers/temp-home.ts';

test('macOS always has launchd, and Windows has nothing of ours yet', async () => {
  expect((await findService(tempHost({ platform: 'darwin' })))?.kind).toBe('launchd');
  expect(await findService(tempHost({ platform: 'win32' }))).toBeUndefined();
});

test('Linux without a service manager that answers has none', async () => {
  const { run } = fakeRun(() => ({ exitCode: null, stderr: 'spawn systemctl ENOENT' }));
  expect(await findService(tempHost({ platform: 'linux', run }))).toBeUndefined();
});
