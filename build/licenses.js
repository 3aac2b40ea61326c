// Gathers the licences of everything that the program contains into dist/licenses.txt.
// `node licenses.js LICENSE FILE` writes them to FILE, with LICENSE as that of Node: the executables contain other Nodes than
// the one a checkout runs with. Plain JavaScript: npm may run it with whatever Node the machine has.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (...parts) => readFile(path.join(root, ...parts), 'utf8');
const { packages } = JSON.parse(await read('package-lock.json'));
const NODE = /^node_modules\/node-(bin-)?(linux|darwin|win)-/;
const RULE = '='.repeat(80);
const [nodeLicenceFile, output = path.join(root, 'dist', 'licenses.txt')] = process.argv.slice(2);

const parts = [`${RULE}\nCapsule for Kiro\n${RULE}\n\n${(await read('LICENSE')).trim()}`];
parts.push(await nodeLicence());
const gitleaks = (await read('installer-assets', 'redaction', 'LICENSE-gitleaks')).trim();
parts.push(`${RULE}\ngitleaks (rules for finding secrets)\n${RULE}\n\n${gitleaks}`);
for (const [where, about] of Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1))) {
  // Node stands above. What else is optional may be missing, and is not in the program then.
  if (where === '' || about.dev || NODE.test(where) || !existsSync(path.join(root, where))) continue;
  const name = where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length);
  parts.push(`${RULE}\n${name} ${about.version} (${about.license})\n${RULE}\n\n${await licenceOf(where, about)}`);
}
await mkdir(path.dirname(output), { recursive: true });
await writeFile(output, `${parts.join('\n\n\n')}\n`);

async function licenceOf(where, about) {
  const files = (await readdir(path.join(root, where))).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  const texts = await Promise.all(files.sort().map((name) => read(where, name)));
  if (texts.length > 0) return texts.map((text) => text.replaceAll('\r\n', '\n').trim()).join('\n\n');
  const { author, homepage, repository } = JSON.parse(await read(where, 'package.json'));
  const by = typeof author === 'string' ? author : author?.name;
  const source = homepage ?? repository?.url ?? repository;
  return [`Under the ${about.license} licence; the package brings no text of it.`, by && `By ${by}.`, source]
    .filter(Boolean)
    .join('\n');
}

async function nodeLicence() {
  const text = nodeLicenceFile === undefined ? await ownNodeLicence() : await readFile(nodeLicenceFile, 'utf8');
  return `${RULE}\nNode.js and what it contains\n${RULE}\n\n${text.replaceAll('\r\n', '\n').trim()}`;
}

async function ownNodeLicence() {
  const names = Object.keys(packages).filter((where) => NODE.test(where));
  // npm's package for Windows brings none.
  const here = names.find((where) => existsSync(path.join(root, where, 'LICENSE')));
  return here === undefined ? 'https://github.com/nodejs/node/blob/main/LICENSE' : read(here, 'LICENSE');
}
