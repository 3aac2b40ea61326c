import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { askForUpgrade, judgeOffer, type Offer } from '../../src/relay/upgrade-offer.ts';
import { directly } from '../helpers/ask-directly.ts';
import { type Answers, httpPortal } from '../helpers/http-portal.ts';

function aKey() {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = privateKey.export({ format: 'jwk' });
  const signs = (...lines: string[]) =>
    sign(
      null,
      Buffer.from(`${lines.join('\n')}\n`),
      createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    );
  return { key: x, signs: (...lines: string[]) => signs(...lines).toString('base64url') };
}

const KEY = aKey();
const EXECUTABLE = {
  name: 'capsule-kiro-linux-x64',
  version: '0.2.0',
  platform: 'linux-x64',
  bytes: 1000,
  sha256: 'ab'.repeat(32),
};
const signatureOf = ({ signs }: typeof KEY, { name, version, platform, bytes, sha256 } = EXECUTABLE) =>
  signs('capsule-kiro executable 1', name, version, platform, String(bytes), sha256);
const OFFER: Offer = {
  upgrade: { ...EXECUTABLE, signature: signatureOf(KEY) },
  keys: [{ key: KEY.key, signature: null }],
};
const refused = expect.objectContaining({ code: 'upgrade-refused' });

describe('an offer', () => {
  test('that the known key signed for this system is taken as it was signed', () => {
    expect(judgeOffer(OFFER, KEY.key, 'linux-x64')).toEqual(EXECUTABLE);
    expect(judgeOffer({ upgrade: null, keys: [] }, KEY.key, 'linux-x64')).toBeNull();
  });

  test('that differs from what was signed, in whatever, is refused', () => {
    const changes = fc.oneof(
      fc.record({ name: fc.constantFrom('capsule-kiro-linux-arm64', 'capsule-kiro-win-x64.exe') }),
      fc.record({ version: fc.tuple(fc.nat(99), fc.nat(99)).map((each) => each.join('.')) }),
      fc.record({ platform: fc.constantFrom('linux-arm64', 'darwin-x64') }),
      fc.record({ bytes: fc.integer({ min: 1001, max: 1e9 }) }),
      fc.record({
        sha256: fc
          .array(fc.constantFrom(...'0123456789'), { minLength: 64, maxLength: 64 })
          .map((each) => each.join('')),
      }),
    );
    fc.assert(
      fc.property(changes, (change) => {
        const upgrade = { ...EXECUTABLE, ...change, signature: signatureOf(KEY) };
        expect(() => judgeOffer({ ...OFFER, upgrade }, KEY.key, upgrade.platform)).toThrow(refused);
      }),
    );
  });

  test('for another system is refused, however well it is signed', () => {
    expect(() => judgeOffer(OFFER, KEY.key, 'linux-arm64')).toThrow(refused);
  });

  test('of another key is refused, also when that key names itself, or names ours as its successor', () => {
    const other = aKey();
    const upgrade = { ...EXECUTABLE, signature: signatureOf(other) };
    const names = other.signs('capsule-kiro upgrade key 1', other.key);
    const namesOurs = other.signs('capsule-kiro upgrade key 1', KEY.key);
    for (const keys of [
      [],
      [{ key: other.key, signature: null }],
      [{ key: other.key, signature: names }],
      [
        { key: KEY.key, signature: namesOurs },
        { key: other.key, signature: names },
      ],
    ])
      expect(() => judgeOffer({ upgrade, keys }, KEY.key, 'linux-x64')).toThrow(refused);
  });

  test('of a successor that the known key named is taken, and one of the key it replaced is not any more', () => {
    const [next, last] = [aKey(), aKey()];
    const keys = [
      ...OFFER.keys,
      { key: next.key, signature: KEY.signs('capsule-kiro upgrade key 1', next.key) },
      { key: last.key, signature: next.signs('capsule-kiro upgrade key 1', last.key) },
    ];
    const upgrade = { ...EXECUTABLE, signature: signatureOf(last) };
    expect(judgeOffer({ upgrade, keys }, KEY.key, 'linux-x64')).toEqual(EXECUTABLE);
    expect(() => judgeOffer({ ...OFFER, keys }, KEY.key, 'linux-x64')).toThrow(refused);
    // The executable's signature is no word about keys.
    const misused = [{ key: next.key, signature: signatureOf(KEY) }];
    const forged = { ...EXECUTABLE, signature: signatureOf(next) };
    expect(() => judgeOffer({ upgrade: forged, keys: misused }, KEY.key, 'linux-x64')).toThrow(refused);
  });
});

describe('asking a portal', () => {
  async function asking(answers: Answers) {
    const { url, asked } = await httpPortal(answers);
    const life = { issuedAt: '2026-09-03T12:00:00.000Z', expiresAt: '2027-09-03T12:00:00.000Z' };
    const credential = { portal: url, org: 'acme', deviceId: 'one', token: 'secret', ...life, upgradeKey: KEY.key };
    return { asked, answer: askForUpgrade(directly, credential, { os: 'linux', arch: 'x64' }) };
  }

  test('names the system, and sends the credential as a bearer', async () => {
    const { asked, answer } = await asking(() => ({ status: 200, body: OFFER }));
    expect(await answer).toEqual(EXECUTABLE);
    expect(asked).toMatchObject([{ path: '/v1/upgrade?os=linux&arch=x64', authorization: 'Bearer secret', text: '' }]);
  });

  test('that does not know of upgrades yet brings none', async () => {
    expect(await (await asking(() => ({ status: 404, body: {} }))).answer).toBeNull();
  });

  test.each<[string, ReturnType<Answers>, string]>([
    [
      'refuses the credential',
      { status: 401, body: { error: { code: 'token-revoked', message: 'x' } } },
      'token-invalid',
    ],
    ['is broken', { status: 503 }, 'portal-unreachable'],
    ['hangs up', 'hang up', 'portal-unreachable'],
    ['is a login page', { status: 200, body: '<html>' }, 'upgrade-refused'],
    [
      'names a file elsewhere',
      { status: 200, body: { ...OFFER, upgrade: { ...OFFER.upgrade, name: '../../x' } } },
      'upgrade-refused',
    ],
    [
      'promises too much',
      { status: 200, body: { ...OFFER, upgrade: { ...OFFER.upgrade, bytes: 2 ** 40 } } },
      'upgrade-refused',
    ],
  ])('that %s is a failure', async (_, answer, code) => {
    await expect((await asking(() => answer)).answer).rejects.toMatchObject({ code });
  });
});
