import { expect, test } from '@jest/globals';
import { loadPage, SHELL } from '../../../src/portal/page-files.ts';

const KB = 1_000;

test('everything the page loads stays under 40 kB packed', () => {
  const sizes = [...loadPage()].map(([, { packed }]) => packed.length);
  expect(sizes.length).toBeGreaterThan(3);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(40 * KB);
});

test('the page holds no script or style of its own, and names nothing outside', () => {
  const html = loadPage().get(SHELL)?.bytes.toString() ?? '';
  expect(html).toContain('<script type="module" src="/assets/page-');
  expect(html).not.toMatch(/<style|style=|<script>|https?:|\{\{/);
});
