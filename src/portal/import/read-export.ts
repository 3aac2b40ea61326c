import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import * as z from 'zod';
import { describe, Failure } from '../../core/failure.ts';
import { MAX_BODY_BYTES, parseJson } from '../body.ts';
import { type Enrolment, enrolmentSchema } from '../device-schema.ts';

const headSchema = z.object({ capsuleExport: z.literal(1), device: enrolmentSchema });
const endSchema = z.strictObject({ end: z.literal(true), events: z.int().nonnegative(), sha256: z.string() });

/** Unpacked: far beyond what an outbox holds, far below what a bomb unpacks to. */
export const MAX_EXPORT_BYTES = 2 * 1024 ** 3;
const AT_ONCE = 500;

/** An exported outbox: whose it is, its events in portions, and at the end how many they were. */
export type ExportPart = { device: Enrolment } | { events: unknown[] } | { total: number; sha256: string };

/**
 * Reads what `events --export` wrote, a portion at a time, whatever its size. Throws `not-found`, and `import-refused` for what
 * is damaged, cut off, too large, or something else; only the part `total` says that all of it was there.
 */
export async function* readExport(file: string, maxBytes = MAX_EXPORT_BYTES): AsyncGenerator<ExportPart> {
  const hash = createHash('sha256');
  let head = false;
  let total = 0;
  let events: unknown[] = [];
  let end: z.infer<typeof endSchema> | undefined;
  for await (const line of linesOf(file, maxBytes)) {
    if (end !== undefined) throw refused(file, 'something follows its end');
    const value = readLine(file, line);
    if (!head) {
      const parsed = headSchema.safeParse(value);
      if (!parsed.success) throw refused(file, 'it does not begin as an export does');
      head = true;
      yield { device: parsed.data.device };
      continue;
    }
    end = endSchema.safeParse(value).data;
    if (end !== undefined) continue;
    hash.update(line).update('\n');
    total++;
    events.push(value);
    if (events.length < AT_ONCE) continue;
    yield { events };
    events = [];
  }
  if (events.length > 0) yield { events };
  const sha256 = hash.digest('hex');
  if (end === undefined) throw refused(file, 'it was cut off: its end is missing');
  if (end.events !== total || end.sha256 !== sha256) throw refused(file, 'its events are not those that were exported');
  yield { total, sha256 };
}

function readLine(file: string, line: Buffer): unknown {
  try {
    return parseJson(line);
  } catch (cause) {
    throw refused(file, describe(cause).replace('The body', 'a line of it'), cause);
  }
}

async function* linesOf(file: string, maxBytes: number): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let held = 0;
  let size = 0;
  for await (const chunk of unpacked(file)) {
    size += chunk.length;
    if (size > maxBytes) throw refused(file, `it unpacks to more than ${maxBytes} bytes`);
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, at)]);
      rest = [];
      held = 0;
      from = at + 1;
    }
    rest.push(chunk.subarray(from));
    held += chunk.length - from;
    if (held > MAX_BODY_BYTES) throw refused(file, `a line of it is longer than ${MAX_BODY_BYTES} bytes`);
  }
  if (held > 0) throw refused(file, 'it was cut off within a line');
}

async function* unpacked(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file);
  const unpack = createGunzip();
  source.on('error', (error) => unpack.destroy(error)).pipe(unpack);
  try {
    yield* unpack as AsyncIterable<Buffer>;
  } catch (cause) {
    const code = z.object({ code: z.string() }).safeParse(cause).data?.code;
    if (code === 'ENOENT') throw new Failure('not-found', `There is no file ${file}`, { cause });
    throw refused(file, `it cannot be unpacked (${describe(cause)})`, cause);
  } finally {
    source.destroy();
    unpack.destroy();
  }
}

const refused = (file: string, why: string, cause?: unknown): Failure =>
  new Failure('import-refused', `${file} cannot be imported: ${why}`, {
    hint: 'Export it again on the device: capsule-kiro events --export FILE',
    cause,
  });
