import { expect, test } from '@jest/globals';
import { sendHeartbeat } from '../../src/relay/heartbeat.ts';
import { directly } from '../helpers/ask-directly.ts';
import { type Answers, httpPortal } from '../helpers/http-portal.ts';

const REPORT = { agentVersion: '0.1.0', health: [{ code: 'delivery-held', message: 'no' }] };

test.each<[string, ReturnType<Answers>, boolean]>([
  ['was heard with 200', { status: 200 }, true],
  ['was heard with 204', { status: 204 }, true],
  ['was refused', { status: 401 }, false],
  ['met a portal that is down', { status: 503 }, false],
  ['met nobody', 'hang up', false],
])('a heartbeat that %s is sent once and never throws', async (_, answer, heard) => {
  const { url, asked } = await httpPortal(() => answer);
  const credential = {
    portal: url,
    org: 'acme',
    deviceId: 'device-1',
    token: 'device-credential',
    issuedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2027-01-01T00:00:00.000Z',
  };
  expect(await sendHeartbeat(directly, credential, REPORT)).toBe(heard);
  expect(asked).toMatchObject([{ path: '/v1/heartbeat', authorization: 'Bearer device-credential' }]);
  expect(JSON.parse(asked[0]?.text ?? '')).toEqual(REPORT);
});
