import http from 'node:http';
import { expect, test } from '@jest/globals';
import { startPortal, type TestPortal } from '../helpers/portal.ts';

const FULL = { underWay: 0, inStore: 1, wait: 5_000 };

/** Sends the head of a POST and not a byte of its body. */
function postHead(portal: TestPortal, path: string): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': 1_000 };
    const request = http.request(new URL(path, portal.address), { method: 'POST', headers }, (answer) => {
      resolve(answer);
      request.destroy();
    });
    request.on('error', reject);
    request.flushHeaders();
  });
}

test.each(['/v1/enroll', '/v1/events', '/v1/heartbeat'])(
  '%s of a portal with too much to do is told when to come again before any of its body was sent, and counted',
  async (path) => {
    const portal = await startPortal({ admissionBounds: FULL });
    const { statusCode, headers } = await postHead(portal, path);
    expect(statusCode).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    const metrics = await fetch(`${portal.address}/api/metrics`, {
      headers: { authorization: `Bearer ${await portal.key()}` },
    });
    expect(await metrics.text()).toContain(`capsule_requests_shed_total{route="${path}"} 1\n`);
  },
);

test('whoever looks at the page, asks whether the portal is well, or renews a credential is let in all the same', async () => {
  const portal = await startPortal({ admissionBounds: FULL });
  expect((await fetch(`${portal.address}/`)).status).toBe(200);
  expect((await fetch(`${portal.address}/api/health`)).status).toBe(200);
  expect((await portal.read('/api/agents')).status).toBe(200);
  const headers = { authorization: `Bearer ${await portal.credential('device-1')}` };
  expect((await fetch(`${portal.address}/v1/renew`, { method: 'POST', headers })).status).toBe(200);
});
