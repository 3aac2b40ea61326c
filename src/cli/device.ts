import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { readIfExists, writeOwnFile } from '../core/careful-file.ts';
import { describe, Failure } from '../core/failure.ts';
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
    throw new Failure('config-invalid', `${file} is not what capsule-kiro wrote: ${describe(error)}`, {
      hint: 'Delete it; this machine then appears in the portal as a new device.',
      cause: error,
    });
  }
}
