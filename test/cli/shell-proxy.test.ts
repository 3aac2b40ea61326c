import { describe, expect, test } from '@jest/globals';
import { shellProxy, withoutPassword } from '../../src/cli/shell-proxy.ts';

const SECURE = { 'portal.url': 'https://capsule.example', 'otlp.endpoint': null, 'proxy.url': null };
const PLAIN = { ...SECURE, 'portal.url': 'http://capsule.example' };
const OTLP_ALONE = { ...SECURE, 'portal.url': null, 'otlp.endpoint': 'http://otel.example:4318' };

describe('the proxy of the shell', () => {
  test.each([
    [SECURE, { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:1' }, { 'proxy.url': 'http://p:1' }],
    [PLAIN, { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:1' }, { 'proxy.url': 'http://q:1' }],
    [SECURE, { https_proxy: 'http://p:1', HTTPS_PROXY: 'http://q:1' }, { 'proxy.url': 'http://p:1' }],
    [SECURE, { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a,.b' }, { 'proxy.url': 'http://p:1', 'proxy.bypass': 'a,.b' }],
    [SECURE, { HTTP_PROXY: 'http://q:1', NO_PROXY: 'a' }, {}],
    [OTLP_ALONE, { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:1' }, { 'proxy.url': 'http://q:1' }],
    [SECURE, { HTTPS_PROXY: '' }, {}],
    [SECURE, { HTTPS_PROXY: 'proxy.example:3128' }, {}],
    [SECURE, { HTTPS_PROXY: 'socks5://p:1' }, {}],
    [{ ...SECURE, 'proxy.url': 'http://by-hand:1' }, { HTTPS_PROXY: 'http://p:1' }, {}],
  ])('for %j and %j is %j', (settings, env, taken) => {
    expect(shellProxy(env, settings)).toEqual(taken);
  });
});

test.each([
  ['http://dev:secret@proxy.example:3128', 'http://dev:***@proxy.example:3128'],
  ['http://dev:a:b%40c@proxy.example', 'http://dev:***@proxy.example'],
  ['http://proxy.example:3128', 'http://proxy.example:3128'],
  ['http://dev@proxy.example', 'http://dev@proxy.example'],
])('%s is shown as %s', (address, shown) => {
  expect(withoutPassword(address)).toBe(shown);
});
