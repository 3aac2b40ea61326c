import { randomBytes, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { readIfExists, writeOwnFile } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';

const Device = z.object({ id: z.uuid(), redactionKey: z.base64() });

/** Who this machine is to the portal, and the key that makes hashes of removed secrets comparable here and useless elsewhere. */
export interface Device {
  id: string;
  redactionKey: Buffer;
}

/** The same for ever on this machine and user; made on first use. Throws `config-invalid`. */
export function readDevice(host: Host): Device {
  const bytes = readIfExists(host.own.device);
  const device = bytes === undefined ? make(host) : parse(bytes.toString('utf8'), host.own.device);
  return { id: device.id, redactionKey: Buffer.from(device.redactionKey, 'base64') };
}

function make(host: Host): z.infer<typeof Device> {
  const device = { id: randomUUID(), redactionKey: randomBytes(32).toString('base64') };
  writeOwnFile(host.own.device, `${JSON.stringify(device, null, 2)}\n`);
  return device;
}

function parse(text: string, file: string): z.infer<typeof Device> {
  try {
    return Device.parse(JSON.parse(text));
  } catch (error) {
    // The parser's own words quote the text, and the text may hold the key. So they are no cause either.
    throw new Failure('config-invalid', `${file} is not what capsule-kiro wrote: ${whatIsWrong(error)}`, {
      hint: 'Put it back from a copy, or delete it: this machine then appears in the portal as a new device.',
    });
  }
}

function whatIsWrong(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is not JSON';
  if (!(error instanceof z.ZodError)) throw error;
  const fields = new Set(error.issues.map((issue) => issue.path.join('.')).filter((field) => field in Device.shape));
  return fields.size === 0 ? 'it is not an object' : `it has no valid ${[...fields].join(' and ')}`;
}
