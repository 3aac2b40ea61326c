/** Asking a portal's API as a person of some role and organisation, and sending it commands as a device. */
import { expect } from '@jest/globals';
import type { Role } from '../../src/portal/roles.ts';
import type { TestPortal } from './portal.ts';
import { DEVICE, enrolmentOf, makeEvent } from './portal-events.ts';

export interface Asked {
  role?: Role;
  org?: string;
  version?: number | undefined;
  body?: unknown;
}
export type Body = Record<string, unknown> & { policy?: Record<string, unknown> };

/** Calls the API with a key of the role; an administrator's unless said. */
export function caller(portal: TestPortal) {
  const keys = new Map<string, string>();
  return async (method: string, path: string, { role = 'admin', org = 'default', version, body }: Asked = {}) => {
    const name = `${org} ${role}`;
    const key = keys.get(name) ?? (await portal.key({ org, role }));
    keys.set(name, key);
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      ...(version !== undefined && { 'if-match': `"${version}"` }),
    };
    const answer = await fetch(portal.address + path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Body };
  };
}

const headersFor = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });

/** Sends one tool call for each command, as the device would. */
export async function sendCommands(portal: TestPortal, commands: readonly string[]): Promise<void> {
  const code = await portal.code();
  await fetch(`${portal.address}/v1/enroll`, {
    method: 'POST',
    headers: headersFor(code),
    body: JSON.stringify(enrolmentOf()),
  });
  const credential = await portal.credential(DEVICE);
  const events = commands.map((command) => makeEvent('tool.invoked', { body: { arguments: { command } } }));
  const answer = await fetch(`${portal.address}/v1/events`, {
    method: 'POST',
    headers: headersFor(credential),
    body: JSON.stringify({ events }),
  });
  expect(answer.status).toBe(200);
  // The agent's answer is the contract's, whatever was found.
  expect(Object.keys((await answer.json()) as object).sort()).toEqual(['accepted', 'duplicates', 'rejected']);
}
