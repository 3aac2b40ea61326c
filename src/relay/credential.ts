import { createHash } from 'node:crypto';
import * as z from 'zod';
import { readIfExists, writeOwnFile } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { OwnPaths } from '../core/host.ts';

/** What enrolment gave this device. The file is owner-only; the token goes nowhere but to its portal. */
const Credential = z.object({
  portal: z.url(),
  org: z.string(),
  deviceId: z.string(),
  token: z.string().min(1),
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** By which the portal signs newer executables, as it said when this device enrolled: Ed25519, base64url. */
  upgradeKey: z
    .string()
    .regex(/^[\w-]{43}$/)
    .exactOptional(),
});
export type Credential = z.infer<typeof Credential>;

/** What `install` was given, kept until the portal has taken it: a one-time code or an organisation's token. */
const Enrolment = z.object({ portal: z.url(), secret: z.string().min(1) });
export type Enrolment = z.infer<typeof Enrolment>;

/** undefined when this device has not enrolled. Throws `config-invalid`. */
export function readCredential(own: OwnPaths): Credential | undefined {
  return read(own.credential, Credential);
}

/** Keeps a credential for this device, in place of an earlier one. Throws `file-unwritable`. */
export function writeCredential(own: OwnPaths, credential: Credential): void {
  writeOwnFile(own.credential, `${JSON.stringify(credential, null, 2)}\n`);
}

/** undefined when nothing waits to be enrolled. Throws `config-invalid`. */
export function readEnrolment(own: OwnPaths): Enrolment | undefined {
  return read(own.enrolment, Enrolment);
}

/** Keeps a code or token until the daemon has enrolled with it. Throws `file-unwritable`. */
export function writeEnrolment(own: OwnPaths, enrolment: Enrolment): void {
  writeOwnFile(own.enrolment, `${JSON.stringify(enrolment, null, 2)}\n`);
}

/**
 * From about 70 % of its life on (63 to 77 %, the same for a device each time, so that a fleet enrolled on one day does not
 * renew on one day), early enough for a laptop that sleeps for weeks. `now` is the portal's time. Pure.
 */
export function renewalDue({ deviceId, issuedAt, expiresAt }: Credential, now: Date): boolean {
  const issued = Date.parse(issuedAt);
  const spread = createHash('sha256').update(deviceId).digest().readUInt32BE() / 2 ** 32;
  return now.getTime() >= issued + (0.63 + 0.14 * spread) * (Date.parse(expiresAt) - issued);
}

function read<T>(file: string, schema: z.ZodType<T>): T | undefined {
  const bytes = readIfExists(file);
  if (bytes === undefined) return undefined;
  // What is wrong is said without a word of the file: it holds a secret, which JSON's own messages would quote.
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : 'it is not JSON';
    throw new Failure('config-invalid', `${file} is not what capsule-kiro wrote: ${problem}`, {
      hint: 'Set the token again: capsule-kiro token set',
    });
  }
}
