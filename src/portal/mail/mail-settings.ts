import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { describe, Failure } from '../../core/failure.ts';
import { explain } from '../event-schema.ts';

/** One address, without a name; nothing in it ends a line or begins another. */
export const addressSchema = z
  .string()
  .max(254)
  .regex(/^[^\s@<>"(),:;\\[\]\p{Cc}]{1,64}@[^\s@<>"(),:;\\[\]\p{Cc}]{1,190}$/u, 'must be an e-mail address');

const settingsSchema = z
  .strictObject({
    host: z.string().min(1).max(253),
    port: z.int().min(1).max(65_535),
    /** `starttls`: refused when the server has none; `none` only to this machine. */
    tls: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
    user: z.string().max(200).exactOptional(),
    password: z.string().max(1_000).exactOptional(),
    from: addressSchema,
    /** PEM file of further certificates to trust, beside this file unless absolute. */
    caFile: z.string().max(4_096).exactOptional(),
    /** How people reach the portal, for links in mails; what the portal knows of itself unless said. */
    address: z.url().max(500).exactOptional(),
  })
  .refine(({ tls, host }) => tls !== 'none' || ['localhost', '127.0.0.1', '::1'].includes(host), {
    error: 'tls may be none only to this machine',
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: 'user and password go together',
  });

/** How the portal sends mail. `ca`: the certificates of `caFile`. */
export type MailSettings = z.infer<typeof settingsSchema> & { ca?: string };

/**
 * The JSON file that `portal --mail` names. It may hold a password, so nobody but its owner may read it. Throws `not-found`,
 * `config-invalid`.
 */
export function readMailSettings(file: string): MailSettings {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new Failure('not-found', `There is no file ${file}`);
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw new Failure('config-invalid', `${file} can be read by others`, { hint: `Run: chmod 600 ${file}` });
  }
  const parsed = settingsSchema.safeParse(parse(file));
  if (!parsed.success) throw new Failure('config-invalid', `${file}: ${explain(parsed.error)}`);
  const { caFile } = parsed.data;
  if (caFile === undefined) return parsed.data;
  const from = path.resolve(path.dirname(file), caFile);
  try {
    return { ...parsed.data, ca: readFileSync(from, 'utf8') };
  } catch (cause) {
    throw new Failure('config-invalid', `${from} cannot be read: ${describe(cause)}`, { cause });
  }
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The parser quotes what it read, which may be the password.
    throw new Failure('config-invalid', `${file} is not JSON`);
  }
}
