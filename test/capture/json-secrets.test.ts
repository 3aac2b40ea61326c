import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JSON_RULE } from '../../src/capture/json-secrets.ts';
import { isSecretName } from '../../src/capture/secret-names.ts';
import { runs } from '../helpers/fuzz.ts';

async function found(text: string): Promise<string[]> {
  return [...(await JSON_RULE.find(text))].map(([start, end]) => text.slice(start, end));
}

const quote = (value: unknown, times: number): string => {
  let text = JSON.stringify(value);
  for (let count = 0; count < times; count++) text = JSON.stringify(text);
  return text;
};

describe('a secret by its name in JSON', () => {
  test.each([0, 1, 2, 3])('is found however often the JSON was quoted (%i), of letters only', async (times) => {
    const text = `curl -d ${quote({ user: 'ann', password: 'correcthorse', page: 4 }, times)} x`;
    expect(await found(text)).toEqual(['correcthorse']);
  });

  test('may hold quotes, commas and a name of its own', async () => {
    const secret = 'a","token":"b';
    expect(await found(JSON.stringify({ secret }))).toEqual([JSON.stringify(secret).slice(1, -1)]);
  });

  test('may be a number', async () => {
    expect(await found('{"password": 123456, "token": 12, "total": 123456}')).toEqual(['123456']);
  });

  test.each([
    '{"password": ""}',
    '{"password": "", "user": "ann-with-a-name"}',
    '{"password": {"type": "string"}}',
    '{"token": "string", "credentials": "include"}',
    `{"password": "\${DB_PASSWORD}", "api_key": "your-key-here"}`,
    '{"password": "********"}',
    '{"password": "[redacted:secret-name:12345678]"}',
    '{"max_tokens": 12345, "tokens": "one two three"}',
    'say "password": or "token"',
  ])('is not seen in %s', async (text) => {
    expect(await found(text)).toEqual([]);
  });

  test('is found wherever JSON.stringify puts it', async () => {
    const name = fc.constantFrom('password', 'apiKey', 'x-api-key', 'user', 'client_secret', 'note');
    const value = fc.string({ minLength: 4, maxLength: 12, unit: fc.constantFrom('q', 'w', '7', '"', '\\', ' ', 'é') });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(name, value), { maxLength: 4 }),
        fc.integer({ min: 0, max: 2 }),
        async (members, times) => {
          const text = quote(Object.fromEntries(members), times);
          const secrets = Object.entries(Object.fromEntries(members)).filter(([each]) => isSecretName(each));
          const spans = await found(text);
          expect(spans).toHaveLength(secrets.length);
          for (const [index, [, secret]] of secrets.entries())
            expect(spans[index]).toBe(quote(secret, times).slice(quoteWidth(times), -quoteWidth(times)));
        },
      ),
      runs(200),
    );
  });
});

/** Characters of a string's own quotes, quoted `times` times, with those of the strings around. */
const quoteWidth = (times: number): number => (times === 0 ? 1 : times === 1 ? 3 : 7);
