import { expect, test } from '@jest/globals';
import { choicesFrom, daysProblem, wish } from '../../../src/portal/web/integrations/installer-choices.ts';

test('the form begins with the reader’s own system, and with what the address asks for', () => {
  expect(choicesFrom('', 'MacIntel').system).toBe('macos');
  expect(choicesFrom('', 'Win32').system).toBe('windows');
  expect(choicesFrom('?os=linux&days=30&uses=many&content=full&hooks=user', 'Win32')).toEqual({
    system: 'linux',
    label: '',
    days: '30',
    uses: 'many',
    content: 'full',
    hooks: 'user',
  });
  expect(choicesFrom('?os=amiga&uses=all&content=everything', 'Linux x86_64')).toMatchObject({
    system: 'linux',
    uses: 'one',
    content: 'redacted',
  });
});

test('a lifetime is a whole number of days from 1 to 365', () => {
  for (const days of ['1', '365', ' 90 ']) expect(daysProblem(days)).toBeUndefined();
  for (const days of ['', '0', '366', '1.5', '1e2', '-1', 'ten']) expect(daysProblem(days)).toContain('from 1 to 365');
});

test('what is the program’s own default is left to the program', () => {
  const first = choicesFrom('', 'Linux');
  expect(wish(first)).toEqual({ system: 'linux', label: '', days: 365, uses: 1, content: null, hooks: null });
  expect(wish({ ...first, uses: 'many', content: 'metadata', hooks: 'both' })).toMatchObject({
    uses: null,
    content: 'metadata',
    hooks: 'both',
  });
});
