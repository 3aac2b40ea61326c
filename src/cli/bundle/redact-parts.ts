import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rulesBeside } from '../../capture/all-rules.ts';
import { customRules } from '../../capture/custom-rules.ts';
import { redactValue } from '../../capture/redact.ts';
import { Failure } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import { DEFAULT_SETTINGS } from '../../core/settings.ts';
import { readCredential, readEnrolment } from '../../relay/credential.ts';
import { readDevice } from '../device.ts';
import { settingsInForce } from '../settings-in-force.ts';
import { namesOfHome, withoutHome } from '../without-home.ts';
import type { Part } from './gather-parts.ts';
import type { ArchivedFile } from './tar.ts';

/** What was taken out of one file of the bundle. */
export interface BundleRedaction {
  file: string;
  rule: string;
  field: string;
  count: number;
}

/** The parts as files, without secrets (by the rules of events, and our own word for word) and with `~` for the home. */
export async function redactParts(
  host: Host,
  parts: readonly Part[],
): Promise<{ files: ArchivedFile[]; redactions: BundleRedaction[] }> {
  const redactionKey = orElse(() => keyOf(host), randomBytes(32));
  const rules = rulesBeside(customRules(orElse(() => settingsInForce(host), DEFAULT_SETTINGS)['content.rules']));
  const home = namesOfHome(host.home);
  const secrets = ownSecrets(host, redactionKey);
  const redactions: BundleRedaction[] = [];
  const files: ArchivedFile[] = [];
  for (const { name, value, lines } of parts) {
    const redacted = await redactValue(value, { key: redactionKey, rules });
    for (const { rule, field, count } of redacted.redactions) redactions.push({ file: name, rule, field, count });
    let text =
      lines && Array.isArray(redacted.value) ? jsonLines(redacted.value) : JSON.stringify(redacted.value, null, 2);
    for (const secret of secrets) {
      const count = text.split(secret).length - 1;
      if (count === 0) continue;
      redactions.push({ file: name, rule: 'own-secret', field: '', count });
      text = text.replaceAll(secret, '[redacted:own-secret]');
    }
    files.push({ name, bytes: Buffer.from(`${withoutHome(text, home)}\n`) });
  }
  return { files, redactions };
}

/** Where nothing is installed, nothing is made: then the hashes mean nothing beyond this bundle. */
function keyOf(host: Host): Buffer {
  return existsSync(host.own.device) ? readDevice(host).redactionKey : randomBytes(32);
}

const jsonLines = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join('\n');

/** They are never read into a part; should one ever get there by another way, it stays here. */
function ownSecrets(host: Host, key: Buffer): string[] {
  const credential = orElse(() => readCredential(host.own), undefined);
  const enrolment = orElse(() => readEnrolment(host.own), undefined);
  return [credential?.token, enrolment?.secret, key.toString('base64')].filter((secret) => secret !== undefined);
}

/** A file of ours that does not parse holds nothing that we could know; `diagnose` says so. */
function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Failure) return otherwise;
    throw error;
  }
}
