import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { rulesBeside } from '../../src/capture/all-rules.ts';
import { redactText } from '../../src/capture/redact-text.ts';
import { plantedSecrets } from '../capture/redaction-corpus.ts';
import type { Measurement } from './main.ts';

const PIECE = 64 * 1024;
const PIECES = 16;
const ROUNDS = 5;

/** What redaction costs on texts of several kinds, a megabyte of each in pieces of 64 KiB, after one round to warm up. */
export const measurement: Measurement = {
  title: 'What redaction costs',
  async run() {
    const rules = rulesBeside([]);
    const rows: string[][] = [];
    for (const [name, text] of texts()) {
      const pieces = Array.from({ length: PIECES }, (_, index) => text.slice(index * PIECE, (index + 1) * PIECE));
      const times: number[] = [];
      let withheld = 0;
      for (let round = 0; round <= ROUNDS; round++) {
        for (const piece of pieces) {
          const started = now();
          const done = await redactText(piece, { key: Buffer.alloc(32, 1), rules, clock: now });
          if (round > 0) times.push(now() - started);
          if (done.withheld) withheld += 1;
        }
      }
      const total = times.reduce((sum, ms) => sum + ms, 0) / ROUNDS;
      rows.push([name, fixed(total), fixed(Math.max(...times)), fixed(total / plainPass(pieces)), String(withheld)]);
    }
    return [['text', 'ms a MiB', 'worst ms a 64 KiB', '× one `includes`', 'withheld'], ...rows];
  },
};

/** This thread's processor time in milliseconds, the clock that redaction is held to. */
function now(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** The least that looking through a text can cost: for one word that is not there. */
function plainPass(pieces: readonly string[]): number {
  const again = 200;
  const started = now();
  let found = 0;
  for (let round = 0; round < again; round++) {
    for (const piece of pieces) if (piece.includes('no-such-word-in-it')) found += 1;
  }
  return Math.max(now() - started + found, 0.001) / again;
}

function texts(): [name: string, text: string][] {
  const source = sources();
  const secrets = plantedSecrets().map(({ before, secret, after }) => before + secret + after);
  const member = (line: string, index: number) =>
    JSON.stringify({ id: index, key: `item-${index}`, token: null, text: line });
  return [
    ['source code', fill(source)],
    ['JSON', fill(source.split('\n').map(member).join(',\n'))],
    ['one long line', fill(source.replace(/\s+/g, ' '))],
    [
      'a log',
      fill(
        source
          .split('\n')
          .map((line, n) => `2026-03-01T10:00:00.${n}Z INFO api key=${n} ${line}`)
          .join('\n'),
      ),
    ],
    ['base64', fill(noise(PIECE))],
    ['nothing but secrets', fill(secrets.join('\n'))],
  ];
}

function sources(): string {
  const folder = new URL('../../src/capture/', import.meta.url);
  return readdirSync(folder)
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
}

const fill = (text: string): string => text.repeat(Math.ceil((PIECE * PIECES) / text.length)).slice(0, PIECE * PIECES);

function noise(bytes: number): string {
  const blocks = Array.from({ length: bytes / 32 }, (_, index) => createHash('sha256').update(String(index)).digest());
  return Buffer.concat(blocks).toString('base64');
}

const fixed = (value: number) => value.toFixed(1);
