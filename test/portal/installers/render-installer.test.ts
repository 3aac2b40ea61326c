import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type InstallerFacts,
  installerCommand,
  installerName,
  renderInstaller,
} from '../../../src/portal/installers/render-installer.ts';
import { runs } from '../../helpers/fuzz.ts';

const FACTS: InstallerFacts = {
  portal: 'https://capsule.example',
  code: '7KQF-2M9X-RT4B-8WZA',
  expires: '2026-12-01T00:00:00Z',
  executables: [{ name: 'capsule-kiro-linux-x64', bytes: 3, sha256: 'ab'.repeat(32), file: '/x' }],
  words: ['--hooks', 'user'],
};

describe('an installer', () => {
  test('holds the address, the code, the checksums and the further words, and leaves no blank unfilled', () => {
    for (const system of ['linux', 'macos', 'windows'] as const) {
      const text = renderInstaller(system, FACTS);
      expect(text).toContain("'https://capsule.example'");
      expect(text).toContain("'7KQF-2M9X-RT4B-8WZA'");
      expect(text).toContain(`${'ab'.repeat(32)}  capsule-kiro-linux-x64`);
      expect(text).toMatch(/'--hooks',? 'user'/);
      expect(text).not.toMatch(/\{\{[a-z:]+\}\}/);
    }
  });

  test('for Windows says its encoding and ends its lines as Windows does', () => {
    const text = renderInstaller('windows', FACTS);
    expect(text.startsWith('\uFEFF#')).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toContain('\n');
  });

  test('gives the shell every text as it is, whatever quotes it holds', () => {
    const words = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 4 });
    const safe = (text: string) => text.replaceAll('\0', '');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), words, (portal, given) => {
        const text = renderInstaller('linux', { ...FACTS, portal: safe(portal), words: given.map(safe) });
        const lines = text.slice(text.indexOf('\nportal='), text.indexOf('\nsay()'));
        const shown = execFileSync('sh', ['-c', `${lines}\nprintf '%s\\0' "$portal" "$@"`], { encoding: 'utf8' });
        expect(shown.split('\0').slice(0, -1)).toEqual([safe(portal), ...given.map(safe)]);
      }),
      runs(60),
    );
  });

  test('doubles what PowerShell takes for a quote', () => {
    expect(renderInstaller('windows', { ...FACTS, words: ["it's \u2019so\u2019"] })).toContain(
      "@('it''s \u2019\u2019so\u2019\u2019')",
    );
  });

  test('lets no address break out of the comment it is named in', () => {
    const text = renderInstaller('linux', { ...FACTS, portal: 'https://a.example\nrm -rf ~', words: [] });
    const comments = text.slice(0, text.indexOf('\n{'));
    expect(comments.split('\n').every((line) => line.startsWith('#'))).toBe(true);
  });

  test('is named and run as its system is used to', () => {
    expect(installerName('macos')).toBe('capsule-kiro-install.sh');
    expect(installerCommand('macos')).toBe('bash ~/Downloads/capsule-kiro-install.sh');
    expect(installerCommand('windows')).toBe(
      'powershell -ExecutionPolicy Bypass -File "$HOME\\Downloads\\capsule-kiro-install.ps1"',
    );
  });
});
