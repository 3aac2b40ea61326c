import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { InstallersAnswer, MadeInstallerAnswer } from '../../../src/portal/administration-answers.ts';
import { executablesIn } from '../../../src/portal/installers/executables.ts';
import { startPortal, type TestPortal } from '../../helpers/portal.ts';
import { enrolmentOf } from '../../helpers/portal-events.ts';
import { tempFolder } from '../../helpers/temp-home.ts';

let portal: TestPortal;
let admin: string;
let now: Date;
const EXECUTABLE = 'not really one';

beforeEach(async () => {
  now = new Date('2026-09-03T12:00:00.000Z');
  const folder = tempFolder();
  writeFileSync(path.join(folder, 'capsule-kiro-linux-x64'), EXECUTABLE);
  portal = await startPortal({ now: () => now, executables: executablesIn(folder) });
  admin = await portal.key({ role: 'admin' });
});

async function ask(method: string, where: string, bearer: string, body?: object) {
  const response = await fetch(`${portal.address}${where}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}
async function make(choices: object = {}): Promise<MadeInstallerAnswer> {
  const { status, text } = await ask('POST', '/api/installers', admin, { system: 'linux', ...choices });
  expect({ status, text: status === 200 ? '' : text }).toEqual({ status: 200, text: '' });
  return JSON.parse(text) as MadeInstallerAnswer;
}
const list = async () => JSON.parse((await ask('GET', '/api/installers', admin)).text) as InstallersAnswer;
const codeIn = ({ file }: MadeInstallerAnswer): string => /code='([^']+)'/.exec(file.text)?.[1] ?? '';
const enrol = (code: string, device: string) => ask('POST', '/v1/enroll', code, enrolmentOf(device));

describe('making an installer', () => {
  test('gives its text once, with a code that enrols one device and checksums of what can be fetched', async () => {
    const made = await make({ label: 'Berlin', hooks: 'user', content: 'metadata' });
    expect(made.file).toMatchObject({
      name: 'capsule-kiro-install.sh',
      command: 'bash ~/Downloads/capsule-kiro-install.sh',
      bytes: Buffer.byteLength(made.file.text),
      sha256: createHash('sha256').update(made.file.text).digest('hex'),
    });
    expect(made.file.text).toContain(`portal='${portal.address}'`);
    expect(made.file.text).toContain("'--content' 'metadata' '--hooks' 'user'");
    expect(made.file.text).toContain(createHash('sha256').update(EXECUTABLE).digest('hex'));
    expect((await enrol(codeIn(made), 'one')).status).toBe(200);
    expect((await enrol(codeIn(made), 'two')).status).toBe(401);
    expect(JSON.stringify(await list())).not.toContain(codeIn(made));
  });

  test('sets how long the credentials of its devices live, and works itself for a day unless it is for many', async () => {
    const one = await make({ days: 90 });
    expect(one.installer).toMatchObject({ credentialDays: 90, endsAt: '2026-09-04T12:00:00.000Z', maxUses: 1 });
    const { credential } = JSON.parse((await enrol(codeIn(one), 'one')).text) as { credential: string };
    expect(decodeJwt(credential).exp).toBe(Date.parse('2026-12-02T12:00:00Z') / 1000);
    const many = await make({ uses: null });
    expect(many.installer).toMatchObject({ endsAt: '2026-10-03T12:00:00.000Z', maxUses: null });
    expect((await make({ days: 5, worksDays: 30 })).installer.endsAt).toBe('2026-09-08T12:00:00.000Z');
  });

  test.each([{ days: 0 }, { days: 366 }, { days: 1.5 }, { days: 'many' }, { system: 'amiga' }, { uses: 0 }])(
    'refuses %j and keeps nothing',
    async (choices) => {
      const { status, text } = await ask('POST', '/api/installers', admin, { system: 'linux', ...choices });
      expect(status).toBe(400);
      expect(JSON.parse(text).error.code).toBe('installer-invalid');
      expect((await list()).installers).toEqual([]);
    },
  );

  test('is for administrators', async () => {
    for (const role of ['viewer', 'analyst'] as const) {
      expect((await ask('POST', '/api/installers', await portal.key({ role }), { system: 'linux' })).status).toBe(403);
      expect((await ask('GET', '/api/installers', await portal.key({ role }))).status).toBe(403);
    }
  });
});

describe('the list of installers', () => {
  test('says who made each, what is left of it, and who came by it', async () => {
    const made = await make({ label: 'two', uses: 2 });
    await enrol(codeIn(made), 'one');
    const { installers, executables } = await list();
    expect(installers).toMatchObject([
      {
        label: 'two',
        state: 'active',
        uses: 1,
        maxUses: 2,
        agents: { total: 1, newest: [{ id: 'one', lastEventAt: null }] },
      },
    ]);
    expect(installers[0]?.madeBy).toMatch(/^key:/);
    expect(executables).toEqual([
      { name: 'capsule-kiro-linux-x64', bytes: EXECUTABLE.length, sha256: expect.any(String) },
    ]);
  });

  test('tells the used-up, the expired and the revoked from those that work', async () => {
    const [used, revoked] = [await make(), await make()];
    const late = await make({ uses: null, worksDays: 2 });
    await enrol(codeIn(used), 'one');
    await ask('POST', `/api/installers/${revoked.installer.id}/revoke`, admin, {});
    const states = async () => new Map((await list()).installers.map(({ id, state }) => [id, state]));
    expect(await states()).toEqual(
      new Map([
        [used.installer.id, 'used-up'],
        [revoked.installer.id, 'revoked'],
        [late.installer.id, 'active'],
      ]),
    );
    now = new Date('2026-09-06T12:00:00.000Z');
    admin = await portal.key({ role: 'admin' });
    expect((await states()).get(late.installer.id)).toBe('expired');
  });
});

describe('revoking an installer', () => {
  test('stops it, and leaves the agents that came by it alone unless it is asked to', async () => {
    const made = await make({ uses: null });
    const enrolled = JSON.parse((await enrol(codeIn(made), 'one')).text) as { credential: string };
    const where = `/api/installers/${made.installer.id}/revoke`;
    expect(JSON.parse((await ask('POST', where, admin, {})).text)).toEqual({ ok: true, agents: 0 });
    expect((await enrol(codeIn(made), 'two')).status).toBe(401);
    expect((await ask('POST', '/v1/renew', enrolled.credential)).status).toBe(200);
    expect(JSON.parse((await ask('POST', where, admin, { agents: true })).text)).toEqual({ ok: true, agents: 1 });
    expect((await ask('POST', '/v1/renew', enrolled.credential)).status).toBe(401);
  });

  test('of another organisation is like one that is not there', async () => {
    const made = await make();
    const other = await portal.key({ role: 'admin', org: 'other' });
    for (const [method, where] of [
      ['GET', `/api/installers/${made.installer.id}`],
      ['POST', `/api/installers/${made.installer.id}/revoke`],
    ] as const) {
      const theirs = await ask(method, where, other, method === 'POST' ? {} : undefined);
      const none = await ask(
        method,
        where.replace(made.installer.id, 'none'),
        other,
        method === 'POST' ? {} : undefined,
      );
      const without = (answer: typeof none) => ({ ...answer, text: answer.text.replace(/,"requestId":"[^"]*"/, '') });
      expect(without(theirs)).toEqual(without(none));
      expect(theirs.status).toBe(404);
    }
    expect((await list()).installers).toMatchObject([{ state: 'active' }]);
  });
});

describe('fetching', () => {
  test('an executable needs no credential; its checksum is its tag', async () => {
    const response = await fetch(`${portal.address}/v1/download/capsule-kiro-linux-x64`);
    expect(await response.text()).toBe(EXECUTABLE);
    expect(response.headers.get('etag')).toBe(`"${createHash('sha256').update(EXECUTABLE).digest('hex')}"`);
    for (const name of ['capsule-kiro-darwin-x64', '..%2fportal.db', 'portal.db']) {
      expect((await fetch(`${portal.address}/v1/download/${name}`)).status).toBe(404);
    }
  });

  test('the installer by its code gives that code’s installer, and nothing to an organisation’s token', async () => {
    const made = await make({ hooks: 'both' });
    const fetched = await ask('GET', '/v1/install/kiro.sh', codeIn(made));
    expect(fetched).toEqual({ status: 200, text: made.file.text });
    expect((await ask('GET', '/v1/install/kiro.ps1', codeIn(made))).text).toContain(`$code = '${codeIn(made)}'`);
    expect((await ask('GET', '/v1/install/kiro.exe', codeIn(made))).status).toBe(404);
    expect((await ask('GET', '/v1/install/kiro.sh', await portal.orgToken())).status).toBe(403);
    expect((await ask('GET', '/v1/install/kiro.sh', 'WRNG-WRNG-WRNG-WRNG')).status).toBe(401);
  });
});
