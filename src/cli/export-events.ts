import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import * as z from 'zod';
import { ownVersion } from '../core/assets.ts';
import { readIfExists } from '../core/careful-file.ts';
import { describe, Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { openOutbox } from '../relay/open-outbox.ts';
import type { ToldEvent } from '../relay/sent-journal.ts';
import type { Answer } from './command.ts';
import { readDevice } from './device.ts';
import { count } from './say.ts';

/** So many of the newest are exported at once; what is more comes with the next export, after these were acknowledged. */
export const MOST_EXPORTED = 100_000;

/**
 * Writes what waits for a portal into a file that `portal import` takes: JSON Lines in gzip, this device first, at the end how
 * many there were and their SHA-256, so that a file that was cut off is known. The events stay until a receipt is acknowledged.
 * Throws `file-unwritable`, `config-invalid`.
 */
export async function exportEvents(host: Host, file: string, told: readonly ToldEvent[]): Promise<Answer> {
  const waiting = told.filter(({ answer, json }) => answer === null && !isProbe(json)).map(({ json }) => json);
  const device = {
    ...{ deviceId: readDevice(host).id, name: hostname(), os: host.platform, user: host.user },
    ...{ agentVersion: ownVersion(), kiro: [] },
  };
  const hash = createHash('sha256');
  for (const json of waiting) hash.update(`${json}\n`);
  const sha256 = hash.digest('hex');
  const head = { capsuleExport: 1, device, exportedAt: host.now().toISOString() };
  const end = { end: true, events: waiting.length, sha256 };
  const lines = [JSON.stringify(head), ...waiting, JSON.stringify(end)].map((line) => `${line}\n`);
  if (existsSync(file))
    throw new Failure('file-unwritable', `${file} is there already`, { hint: 'Name another file.' });
  try {
    await pipeline(Readable.from(lines), createGzip(), createWriteStream(file, { mode: 0o600, flags: 'wx' }));
  } catch (cause) {
    throw new Failure('file-unwritable', `${file} cannot be written: ${describe(cause)}`, { cause });
  }
  return {
    output: [
      `${file} holds ${count(waiting.length, 'event')} that ${waiting.length === 1 ? 'waits' : 'wait'}; they stay here, too.`,
      `At the portal: capsule-kiro portal import ${file} --receipt RECEIPT`,
      'Then here, with the daemon stopped: capsule-kiro events --acknowledge RECEIPT',
    ].join('\n'),
    json: { file, events: waiting.length, sha256 },
    exitCode: 0,
  };
}

const isProbe = (json: string): boolean => json.startsWith('{') && /"kind":"probe"/.test(json.slice(0, 2_000));

const receiptSchema = z.object({
  capsuleReceipt: z.literal(1),
  device: z.string(),
  ids: z.array(z.string()),
  rejected: z.array(z.object({ id: z.string(), code: z.string(), message: z.string() })),
});

/**
 * Takes what a portal says it has out of the outbox; what it will never take is set aside. The daemon must not run. Throws
 * `not-found`, `import-refused`, `already-running`, `database-unusable`.
 */
export function acknowledgeReceipt(host: Host, file: string): Answer {
  const receipt = readReceipt(file);
  if (receipt.device !== readDevice(host).id) {
    throw new Failure('import-refused', `${file} is the receipt of another device`);
  }
  const outbox = openOutbox(host.own.database, host.now);
  try {
    const before = outbox.counts().events;
    outbox.acknowledge(receipt.ids);
    outbox.reject(receipt.rejected);
    const { events } = outbox.counts();
    const gone = before - events;
    return {
      output: `${count(gone, 'event')} left the outbox; ${count(events, 'event')} ${events === 1 ? 'waits' : 'wait'}.`,
      json: { acknowledged: gone, waiting: events },
      exitCode: 0,
    };
  } finally {
    outbox.close();
  }
}

function readReceipt(file: string): z.infer<typeof receiptSchema> {
  const bytes = readIfExists(file);
  if (bytes === undefined) throw new Failure('not-found', `There is no file ${file}`);
  try {
    return receiptSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw new Failure('import-refused', `${file} is no receipt of a portal, or is damaged`, { cause });
  }
}
