// Builds the portal's page into dist/page. Plain JavaScript: npm may run it with whatever Node the machine has.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = path.join(root, 'src', 'portal', 'web');
const target = path.join(root, 'dist', 'page');

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });

const icons = await copyWithHash('icons.svg');
const favicon = await copyWithHash('favicon.svg');
const { metafile } = await build({
  entryPoints: { page: path.join(source, 'main.tsx'), style: path.join(source, 'page.css') },
  outdir: target,
  // The names change with the content, so that browsers may keep the files for ever.
  entryNames: '[name]-[hash]',
  chunkNames: 'part-[hash]',
  bundle: true,
  // Pages that are not the first to be seen are parts of their own, loaded when somebody goes there.
  splitting: true,
  minify: true,
  metafile: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  define: { ICONS: JSON.stringify(`/assets/${icons}`) },
  logLevel: 'warning',
});

const built = Object.keys(metafile.outputs).map((file) => path.basename(file));
const names = { script: nameOf('page', '.js'), style: nameOf('style', '.css'), favicon };
const shell = await readFile(path.join(source, 'index.html'), 'utf8');
await writeFile(
  path.join(target, 'index.html'),
  shell.replace(/\{\{(\w+)\}\}/g, (_, name) => `/assets/${names[name]}`),
);
// Written last: whoever finds the list finds every file on it.
await writeFile(path.join(target, 'files.json'), JSON.stringify(['index.html', icons, favicon, ...built]));

function nameOf(entry, extension) {
  return built.find((name) => name.startsWith(`${entry}-`) && name.endsWith(extension));
}

async function copyWithHash(name) {
  const bytes = await readFile(path.join(source, name));
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8).toUpperCase();
  const { name: stem, ext } = path.parse(name);
  await writeFile(path.join(target, `${stem}-${hash}${ext}`), bytes);
  return `${stem}-${hash}${ext}`;
}
