import * as fs from 'node:fs';
import * as z from 'zod';
import type { Generation } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import { type Credential, type Enrolment, writeCredential } from './credential.ts';
import type { AskPortal, PortalAnswer } from './portal-client.ts';
import { refusal } from './refusal.ts';
import { retryAfter } from './retry.ts';

/** Who enrols; what the portal shows in its inventory until the first heartbeat. */
export interface Device {
  deviceId: string;
  name: string;
  os: Host['platform'];
  user: string;
  agentVersion: string;
  kiro: readonly { generation: Generation; version: string | null }[];
}

const Granted = z.object({
  credential: z.string().min(1),
  expiresAt: z.iso.datetime(),
  org: z.string(),
  upgradeKey: z
    .string()
    .regex(/^[\w-]{43}$/)
    .exactOptional(),
});

/** `retry`: it may go better by itself; `askedMs`: not before so many ms, if the portal said so. */
export type Enrolled = { credential: Credential } | { refused: string; retry: boolean; askedMs: number | null };

/** Exchanges the secret for this device's own credential and forgets the secret. */
export async function enrol(host: Host, ask: AskPortal, enrolment: Enrolment, device: Device): Promise<Enrolled> {
  const { portal, secret } = enrolment;
  const answer = await ask({ portal, path: '/v1/enroll', secret, body: JSON.stringify(device) });
  const result = granted(answer, portal, device.deviceId, host.now());
  if ('credential' in result) {
    writeCredential(host.own, result.credential);
    fs.rmSync(host.own.enrolment, { force: true });
  }
  return result;
}

/** Trades the credential for a fresh one; the old one stays in place unless the new one has come, and its upgrade key for good. */
export async function renew(host: Host, ask: AskPortal, credential: Credential): Promise<Enrolled> {
  const { portal, token, deviceId } = credential;
  const answer = await ask({ portal, path: '/v1/renew', secret: token, body: '{}' });
  const result = granted(answer, portal, deviceId, host.now());
  if (!('credential' in result)) return result;
  // What this device learnt when it enrolled: who got hold of the way to the portal must not exchange it.
  const { upgradeKey: _offered, ...renewed } = result.credential;
  const kept = { ...renewed, ...(credential.upgradeKey !== undefined && { upgradeKey: credential.upgradeKey }) };
  writeCredential(host.own, kept);
  return { credential: kept };
}

function granted(answer: PortalAnswer, portal: string, deviceId: string, now: Date): Enrolled {
  const body = answer.status === 200 || answer.status === 201 ? Granted.safeParse(answer.body) : undefined;
  if (body?.success !== true) {
    const asked = answer.status === null ? undefined : answer.retryAfter;
    const retry = answer.status === null || answer.status === 429 || answer.status >= 500;
    return { refused: refusal(answer), retry, askedMs: retryAfter(asked, now) };
  }
  const { credential: token, ...rest } = body.data;
  return { credential: { portal, deviceId, token, issuedAt: now.toISOString(), ...rest } };
}
