import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PortalAnswer } from '../../src/relay/portal-client.ts';
import { judge } from '../../src/relay/verdict.ts';

const answer = (status: number, body: unknown = {}, retryAfter?: string): PortalAnswer => ({
  status,
  body,
  retryAfter,
});
const TAKEN = { accepted: 2, duplicates: 1, rejected: [] };
const MINUTE = 60_000;

describe('an acknowledgement', () => {
  test.each([200, 202])('is a %i in the portal’s own words, with what it refused', (status) => {
    const rejected = [{ id: 'a', code: 'schema', message: 'no body' }];
    expect(judge(answer(status, { ...TAKEN, rejected }))).toEqual({ act: 'acknowledge', rejected });
  });

  test.each([
    ['nothing', undefined],
    ['a page', '<html>'],
    ['another service’s words', { ok: true }],
    ['a count that is none', { ...TAKEN, accepted: '2' }],
    ['half of the words', { accepted: 2, rejected: [] }],
    ['refusals that name no event', { ...TAKEN, rejected: [{ code: 'x', message: 'y' }] }],
  ])('is not a 200 with %s', (_, body) => {
    expect(judge(answer(200, body))).toMatchObject({ act: 'retry', why: expect.stringMatching(/not a portal/) });
  });

  test('is nothing else, whatever the status and the body', () => {
    const status = fc.integer({ min: 100, max: 599 }).filter((each) => each !== 200 && each !== 202);
    fc.assert(
      fc.property(status, fc.oneof(fc.constant(TAKEN), fc.jsonValue()), (each, body) => {
        expect(judge(answer(each, body)).act).not.toBe('acknowledge');
      }),
    );
  });
});

describe('a refusal', () => {
  test.each([
    [401, { act: 'renew', forMs: 15 * MINUTE }],
    [403, { act: 'hold', forMs: 60 * MINUTE }],
    [404, { act: 'hold', forMs: 60 * MINUTE }],
    [405, { act: 'hold', forMs: 60 * MINUTE }],
    [410, { act: 'hold', forMs: 60 * MINUTE }],
    [413, { act: 'shrink', code: 'too-large' }],
    [415, { act: 'hold', forMs: 60 * MINUTE }],
    [451, { act: 'hold', forMs: 60 * MINUTE }],
  ])('of status %i means %j', (status, verdict) => {
    expect(judge(answer(status))).toMatchObject(verdict);
  });

  test.each([400, 422])('of status %i is about the events only in the portal’s own words', (status) => {
    const words = { error: { code: 'bad-event', message: 'no body' } };
    expect(judge(answer(status, words))).toMatchObject({ act: 'halve', code: `http-${status}` });
    expect(judge(answer(status, '<html>blocked</html>'))).toMatchObject({ act: 'hold' });
  });

  test('by a proxy is about the way, not about the events', () => {
    expect(judge(answer(407, '<html>'))).toMatchObject({ act: 'retry', why: expect.stringMatching(/proxy.url/) });
  });

  test.each([408, 409, 425, 429, 500, 502, 503, 504, 599])(
    'of status %i means to ask again, no sooner than it wants',
    (status) => {
      expect(judge(answer(status, {}, '120'))).toMatchObject({ act: 'retry', retryAfter: '120' });
    },
  );

  test.each([204, 206, 301, 302, 304, 307])('of status %i is nothing a portal says: ask again', (status) => {
    expect(judge(answer(status))).toMatchObject({ act: 'retry', retryAfter: undefined });
  });

  test('of nobody means to ask again, and says why', () => {
    expect(judge({ status: null, reason: 'the portal cannot be reached (ENOTFOUND)' })).toEqual({
      act: 'retry',
      why: 'the portal cannot be reached (ENOTFOUND)',
      retryAfter: undefined,
    });
  });

  test('never gives events up for what something on the way says', () => {
    const page = fc.oneof(fc.constant('<html>'), fc.constant(undefined), fc.jsonValue());
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), page, (status, body) => {
        const { act } = judge(answer(status, body));
        expect(act === 'halve' || (act === 'shrink' && status !== 413)).toBe(false);
      }),
    );
  });
});
