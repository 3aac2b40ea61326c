// Builds the portal's page into dist/page. Plain JavaScript: npm may run it with whatever Node the machine has.
import { existsSync } from 'node:fs';

const entry = new URL('../src/portal/web/main.tsx', import.meta.url);
if (existsSync(entry)) {
  const { build } = await import('esbuild');
  await build({
    entryPoints: { page: entry.pathname },
    outdir: 'dist/page',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  });
}
