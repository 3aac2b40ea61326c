import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  agentAddress,
  agentTabAddress,
  eventAddress,
  eventInSession,
  pageOf,
  sessionAddress,
  withQuery,
} from '../../../src/portal/web/pages.ts';

test('the address of a thing leads to that thing, whatever its id', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'binary-ascii' }), (id) => {
      const path = (address: string) => new URL(address, 'http://portal').pathname;
      // What a browser resolves away is no id of ours: ids are 1 to 200 printable characters and never only dots.
      fc.pre(id !== '.' && id !== '..');
      expect(pageOf(path(agentAddress(id)))).toEqual({ name: 'agent', id, tab: 'overview' });
      expect(pageOf(path(agentTabAddress(id, 'changes')))).toEqual({ name: 'agent', id, tab: 'changes' });
      expect(pageOf(path(sessionAddress(id)))).toEqual({ name: 'session', id });
      expect(pageOf(path(eventAddress(id)))).toEqual({ name: 'event', id });
      expect(new URL(eventInSession(id, id), 'http://portal').searchParams.get('e')).toBe(id);
    }),
  );
});

test.each([
  ['/', 'home'],
  ['/inventory/agents', 'agents'],
  ['/inventory/agents/', 'agents'],
  ['/observability/sessions', 'sessions'],
  ['/sign-in', 'sign-in'],
  ['/inventory', 'unknown'],
  ['/events', 'unknown'],
  ['/inventory/agents/a/b', 'unknown'],
  ['/inventory/agents/a/overview', 'unknown'],
  ['/inventory/skills', 'held'],
  ['/inventory/upgrades', 'upgrades'],
  ['/audit', 'audit'],
  ['/audit/administration', 'acts'],
  ['/observability/search', 'search'],
  ['/observability/charts', 'charts'],
])('%s is the page %s', (path, name) => {
  expect(pageOf(path).name).toBe(name);
});

test('a malformed address is drawn, not thrown', () => {
  expect(pageOf('/events/%E0%A4')).toEqual({ name: 'event', id: '%E0%A4' });
});

test('one part of a query changes and the others stay, the same name twice included', () => {
  expect(withQuery('/x', '?kind=a&kind=b&q=1', 'q', '2 3')).toBe('/x?kind=a&kind=b&q=2+3');
  expect(withQuery('/x', '?q=1', 'q', null)).toBe('/x');
  expect(withQuery('/x', '', 'q', '')).toBe('/x');
});
