import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const css = readFileSync(new URL('../../../src/portal/web/tokens.css', import.meta.url), 'utf8');
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name,
    { light, dark },
  ]),
);

function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}
function contrast(theme: 'light' | 'dark', front: string, back: string): number {
  const [high, low] = [front, back].map((name) => luminance(colours.get(name)?.[theme] ?? '#')).sort((a, b) => b - a);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

const SURFACES = ['bg', 'subtle', 'inset', 'selected'];

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each(['text', 'text-2', 'text-3', 'accent', 'bad', 'warn', 'good', 'mind'])(
    '%s can be read on every surface',
    (role) => {
      for (const surface of SURFACES) expect([surface, contrast(theme, role, surface) >= 4.5]).toEqual([surface, true]);
    },
  );
  test.each(['bad', 'warn', 'good', 'mind'])('%s can be read on its own ground', (role) => {
    expect(contrast(theme, role, `${role}-bg`)).toBeGreaterThanOrEqual(4.5);
  });
  test.each(['keyword', 'string', 'comment', 'function', 'attribute'])('code of the kind %s can be read', (kind) => {
    for (const surface of ['inset', 'added', 'removed']) {
      expect([surface, contrast(theme, `code-${kind}`, surface) >= 4.5]).toEqual([surface, true]);
    }
  });
  test('the borders of fields and the text of buttons can be seen', () => {
    expect(contrast(theme, 'on-accent', 'accent')).toBeGreaterThanOrEqual(4.5);
    for (const surface of SURFACES) expect(contrast(theme, 'border-strong', surface)).toBeGreaterThanOrEqual(3);
  });
});
