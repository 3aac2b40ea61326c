/** `diagnose --bundle FILE`: what support needs to see, and nothing that is nobody else's business. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Json } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import type { Answer, Progress } from '../command.ts';
import { count, bytes as inWords } from '../say.ts';
import { status } from '../status.ts';
import { gatherParts, type LeftOut } from './gather-parts.ts';
import { type BundleRedaction, redactParts } from './redact-parts.ts';
import { type ArchivedFile, listTar, packTar } from './tar.ts';
import { writeBundle } from './write-bundle.ts';

export interface BundleOrder {
  file: string;
  force: boolean;
  /** What `diagnose --json` says. */
  findings: { [key: string]: Json };
}

/** Shows what goes in, writes it, and shows what is in the file that was written. Throws `file-unwritable`, `usage`. */
export async function makeBundle(
  host: Host,
  { file, force, findings }: BundleOrder,
  progress: Progress,
): Promise<Answer> {
  if (!/\.(?:tar\.gz|tgz)$/.test(file)) {
    throw new Failure('usage', `A bundle is a .tar.gz, and ${file} is not called so`, {
      hint: 'As in: capsule-kiro diagnose --bundle capsule.tar.gz',
    });
  }
  progress.show('Gathering …');
  const gathered = await gatherParts(host, {
    findings,
    status: async () => (await status.run(host, { watch: false }, progress)).json,
  });
  const { files, redactions } = await redactParts(host, gathered.parts);
  const contents = { made: host.now().toISOString(), redactions, leftOut: gathered.leftOut };
  const [manifest] = (await redactParts(host, [{ name: 'contents.json', value: contents as unknown as Json }])).files;
  const all = [readme(redactions, gathered.leftOut), ...(manifest === undefined ? [] : [manifest]), ...files];
  progress.say([`Goes into ${file}:`, ...all.map(({ name, bytes }) => sayFile(name, bytes.length)), ''].join('\n'));
  writeBundle(path.resolve(file), gzipSync(packTar(all, host.now())), force);
  return answer(file, redactions, gathered.leftOut);
}

/** By the file as it is now on disk. */
function answer(file: string, redactions: readonly BundleRedaction[], leftOut: readonly LeftOut[]): Answer {
  const packed = readFileSync(path.resolve(file));
  const files = listTar(gunzipSync(packed));
  const taken = redactions.reduce((sum, each) => sum + each.count, 0);
  const lines = [
    `Written: ${file}, ${inWords(packed.length)}, for you alone to read. In it:`,
    ...files.map(({ name, bytes }) => sayFile(name, bytes)),
    `${count(taken, 'secret')} taken out; contents.json lists each, and what was left out:`,
    ...leftOut.map(({ what, why }) => `  ${what}: ${why}`),
    'Look at it before you pass it on: no rule knows every secret.',
  ];
  return {
    output: lines.join('\n'),
    json: {
      bundle: file,
      bytes: packed.length,
      files: files.map((each) => ({ ...each })),
      redactions: redactions.map((each) => ({ ...each })),
      leftOut: leftOut.map((each) => ({ ...each })),
    },
    exitCode: 0,
  };
}

const sayFile = (name: string, bytes: number) => `  ${name.padEnd(20)}${inWords(bytes).padStart(10)}`;

function readme(redactions: readonly BundleRedaction[], leftOut: readonly LeftOut[]): ArchivedFile {
  const text = [
    'Made by `capsule-kiro diagnose --bundle` for support.',
    '',
    'The home folder is written as ~. Secrets were looked for by the rules that events are redacted by; where one was',
    'found, [redacted:<rule>:<keyed hash>] stands in its place, and contents.json names the file and the field.',
    `Taken out: ${redactions.reduce((sum, each) => sum + each.count, 0)}.`,
    '',
    'Left out:',
    ...leftOut.map(({ what, why }) => `- ${what}: ${why}`),
    '',
  ];
  return { name: 'README.txt', bytes: Buffer.from(text.join('\n')) };
}
