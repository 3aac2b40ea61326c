import { createHash, createPublicKey, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { executablesIn } from '../../../src/portal/installers/executables.ts';
import { currentUpgradeKey, rotateUpgradeKey } from '../../../src/portal/installers/upgrade-keys.ts';
import { askForUpgrade } from '../../../src/relay/upgrade-offer.ts';
import { directly } from '../../helpers/ask-directly.ts';
import { startPortal, type TestPortal } from '../../helpers/portal.ts';
import { enrolmentOf } from '../../helpers/portal-events.ts';
import { tempFolder } from '../../helpers/temp-home.ts';

const NAME = 'capsule-kiro-linux-x64';
const SYSTEM = { os: 'linux', arch: 'x64' } as const;
const sha256 = createHash('sha256').update(NAME).digest('hex');
let portal: TestPortal;
let folder: string;

beforeEach(async () => {
  folder = tempFolder();
  writeFileSync(path.join(folder, NAME), NAME);
  writeFileSync(path.join(folder, 'VERSIONS.json'), JSON.stringify({ [NAME]: { version: '0.2.0', sha256 } }));
  portal = await startPortal({ executables: executablesIn(folder) });
});

async function ask(bearer: string, query = 'os=linux&arch=x64') {
  const headers = { authorization: `Bearer ${bearer}` };
  const response = await fetch(`${portal.address}/v1/upgrade?${query}`, { headers });
  return { status: response.status, body: (await response.json()) as Record<string, Record<string, unknown>> };
}
const credentialOf = async (token: string, upgradeKey: string) => {
  const { address } = portal;
  const life = { issuedAt: '2026-09-03T12:00:00.000Z', expiresAt: '2027-09-03T12:00:00.000Z' };
  return { portal: address, org: 'acme', deviceId: 'one', token, ...life, upgradeKey };
};

describe('what is offered', () => {
  test('is the executable for the system, signed in name, version, platform, size and checksum', async () => {
    const { status, body } = await ask(await portal.credential('one'));
    const { signature, ...upgrade } = body.upgrade ?? {};
    expect([status, upgrade]).toEqual([
      200,
      { name: NAME, version: '0.2.0', platform: 'linux-x64', bytes: NAME.length, sha256 },
    ]);
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: await currentUpgradeKey(portal.store) },
      format: 'jwk',
    });
    const text = `capsule-kiro executable 1\n${NAME}\n0.2.0\nlinux-x64\n${NAME.length}\n${sha256}\n`;
    expect(verify(null, Buffer.from(text), key, Buffer.from(String(signature), 'base64url'))).toBe(true);
  });

  test('is nothing for a system without one, and nothing of which nobody says the version', async () => {
    const token = await portal.credential('one');
    expect((await ask(token, 'os=darwin&arch=arm64')).body.upgrade).toBeNull();
    writeFileSync(path.join(folder, NAME), 'replaced, and VERSIONS.json was not');
    expect((await ask(token)).body.upgrade).toBeNull();
    expect((await ask(token, 'os=amiga&arch=x64')).status).toBe(400);
  });
});

describe('who is answered', () => {
  test('is a device of any organisation alike, and told nothing of another', async () => {
    const [one, other] = [await portal.credential('one'), await portal.credential('two', { org: 'other' })];
    expect((await ask(one)).body).toEqual((await ask(other)).body);
    expect(JSON.stringify((await ask(other)).body)).not.toMatch(/default|one/);
  });

  test('is no one without a credential, a person, an organisation’s token, or a device of another portal', async () => {
    const elsewhere = await startPortal();
    const strangers = ['x.y.z', await portal.key(), await portal.orgToken(), await elsewhere.credential('one')];
    for (const bearer of strangers) expect((await ask(bearer)).status).toBe(401);
  });

  test('is no device that was shut out, while those of other organisations go on', async () => {
    const code = await portal.code();
    const headers = { authorization: `Bearer ${code}`, 'content-type': 'application/json' };
    const body = JSON.stringify(enrolmentOf('one'));
    const enrolled = await fetch(`${portal.address}/v1/enroll`, { method: 'POST', headers, body });
    const { credential } = (await enrolled.json()) as { credential: string };
    const other = await portal.credential('two', { org: 'other' });
    expect((await ask(credential)).status).toBe(200);
    const claims = JSON.parse(Buffer.from(credential.split('.')[1] ?? '', 'base64url').toString()) as {
      org: string;
      jti: string;
    };
    await portal.store.credentials.revoke(claims.org, claims.jti, new Date().toISOString(), 'test');
    expect([(await ask(credential)).status, (await ask(other)).status]).toEqual([401, 200]);
  });
});

describe('the key', () => {
  test('is named when a device enrols, stays the same, and is not named again when its credential is renewed', async () => {
    const post = async (where: string, bearer: string, body: object) => {
      const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
      const response = await fetch(`${portal.address}${where}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return (await response.json()) as Record<string, string>;
    };
    const enrolled = await post('/v1/enroll', await portal.code(), enrolmentOf('one'));
    expect(enrolled.upgradeKey).toBe(await currentUpgradeKey(portal.store));
    expect(await post('/v1/renew', enrolled.credential ?? '', {})).not.toHaveProperty('upgradeKey');
  });

  test('may change: an agent goes from the one it knows to the newest, and from a foreign one nowhere', async () => {
    const first = await currentUpgradeKey(portal.store);
    const second = await rotateUpgradeKey(portal.store);
    const third = await rotateUpgradeKey(portal.store);
    expect(new Set([first, second, third]).size).toBe(3);
    const token = await portal.credential('one');
    for (const known of [first, second, third]) {
      const offered = await askForUpgrade(directly, await credentialOf(token, known), SYSTEM);
      expect(offered).toMatchObject({ version: '0.2.0', sha256 });
    }
    const foreign = await currentUpgradeKey((await startPortal()).store);
    await expect(askForUpgrade(directly, await credentialOf(token, foreign), SYSTEM)).rejects.toMatchObject({
      code: 'upgrade-refused',
    });
  });
});

describe('a download', () => {
  const fetchPart = (headers: Record<string, string>) => fetch(`${portal.address}/v1/download/${NAME}`, { headers });

  test('goes on where it broke off, as long as the file is the same', async () => {
    const part = await fetchPart({ range: 'bytes=5-', 'if-range': `"${sha256}"` });
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      206,
      NAME.slice(5),
      `bytes 5-${NAME.length - 1}/${NAME.length}`,
    ]);
  });

  test.each<Record<string, string>>([
    { range: 'bytes=5-' },
    { range: 'bytes=5-', 'if-range': '"another"' },
    { range: 'bytes=99999-', 'if-range': `"${sha256}"` },
    { range: 'bytes=-5', 'if-range': `"${sha256}"` },
    { range: 'bytes=0-3, 5-', 'if-range': `"${sha256}"` },
  ])('begins anew for %j', async (headers) => {
    const whole = await fetchPart(headers);
    expect([whole.status, await whole.text()]).toEqual([200, NAME]);
  });
});
