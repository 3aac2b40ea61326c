import { expect, test } from '@jest/globals';
import { refusal } from '../../src/relay/refusal.ts';

const answer = (status: number, body?: unknown) => ({ status, body, retryAfter: undefined });

test.each([
  [
    'the portal’s own words',
    answer(401, { error: { code: 'token-expired', message: 'The credential has expired' } }),
    'The credential has expired (token-expired)',
  ],
  [
    'the reason for silence',
    { status: null, reason: 'the portal cannot be reached (ETIMEDOUT)' } as const,
    'the portal cannot be reached (ETIMEDOUT)',
  ],
  ['a redirect', answer(302), "the address answers with a redirect (302); is it the portal's own?"],
  [
    'somebody else’s 200',
    answer(200, '<html>'),
    'something that is not a portal answers at this address (a captive portal or a proxy?)',
  ],
  ['a bare status', answer(502, { error: 'bad gateway' }), 'the portal answered 502'],
  ['a bare status of a page', answer(404, undefined), 'the portal answered 404'],
])('%s makes one sentence', (_, given, sentence) => {
  expect(refusal(given)).toBe(sentence);
});
