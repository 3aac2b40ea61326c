// `node build/convert-gitleaks.ts <gitleaks.toml> <version>` writes the rules the program redacts by.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { convertGitleaks } from './gitleaks-toml.ts';

const [file, version] = process.argv.slice(2);
if (file === undefined || version === undefined)
  throw new Error('usage: convert-gitleaks.ts <gitleaks.toml> <version>');

const toml = readFileSync(file, 'utf8');
const source = {
  project: 'gitleaks',
  version,
  file: 'config/gitleaks.toml',
  sha256: createHash('sha256').update(toml).digest('hex'),
  licence: 'MIT, see LICENSE-gitleaks',
};
const { allow, rules } = convertGitleaks(toml);
// A rule a line, so that a newer version is read as a difference of rules.
const lines = rules.map((rule) => `    ${JSON.stringify(rule)}`).join(',\n');
const text = `{\n  "source": ${JSON.stringify(source)},\n  "allow": ${JSON.stringify(allow)},\n  "rules": [\n${lines}\n  ]\n}\n`;
writeFileSync(new URL('../installer-assets/redaction/gitleaks.json', import.meta.url), text);
process.stdout.write(`${rules.length} rules\n`);
