import { type Answer, ok } from './answer.ts';
import type { Device, Enroller } from './authenticate.ts';
import { checkBody } from './check-body.ts';
import { DAY_MS, issueDeviceCredential, MAX_DAYS } from './credentials.ts';
import { enrolmentSchema, heartbeatSchema } from './device-schema.ts';
import { noteFailedUpgrade } from './installers/upgrade-halts.ts';
import { currentUpgradeKey } from './installers/upgrade-keys.ts';
import type { PortalContext } from './portal-context.ts';
import type { Organisation } from './store/store.ts';
import { tokenRevoked } from './tokens.ts';

/**
 * `POST /v1/enroll`. Enrolling again gives the same device another credential, and a code counts a device once: an answer that
 * got lost can be asked for again. It names the key by which the device will tell a newer executable from a forged one; a renewal
 * does not, so that a stolen credential brings no other key.
 */
export async function enrol(portal: PortalContext, enroller: Enroller, body: unknown): Promise<Answer> {
  const device = checkBody(enrolmentSchema, body, 'enrolment-invalid');
  const { organisation, credential } = enroller;
  if (
    credential.kind === 'code' &&
    !(await portal.store.credentials.use(organisation.id, credential.id, device.deviceId))
  ) {
    throw tokenRevoked('The enrolment code has been used up');
  }
  const by = `${credential.kind}:${credential.id}`;
  await portal.store.agents.enrol(organisation.id, device, portal.now().toISOString(), by);
  portal.announcer.announce(organisation.id, { events: 0, sessions: [], agents: [device.deviceId] });
  const lifeMs = await lifeOf(portal, enroller);
  const upgradeKey = await currentUpgradeKey(portal.store);
  return answerCredential(portal, organisation, device.deviceId, lifeMs, { upgradeKey });
}

/** `POST /v1/renew`: a new credential for the same device and as long a life. The old one ends at its own time. */
export const renew = (portal: PortalContext, device: Device): Promise<Answer> =>
  answerCredential(portal, device.organisation, device.id, device.lifeMs);

/** `POST /v1/heartbeat`. */
export async function heartbeat(portal: PortalContext, device: Device, body: unknown): Promise<Answer> {
  const beat = checkBody(heartbeatSchema, body, 'heartbeat-invalid');
  await portal.store.agents.heartbeat(device.organisation.id, device.id, beat, portal.now().toISOString());
  if (beat.failedUpgrade !== undefined) {
    await noteFailedUpgrade(portal, device.organisation.id, device.id, beat.failedUpgrade);
  }
  portal.announcer.announce(device.organisation.id, { events: 0, sessions: [], agents: [device.id] });
  return ok({ ok: true });
}

/** As long as the token behind it was made for, or as the installer that holds the code says; a code alone says nothing. */
async function lifeOf(portal: PortalContext, { organisation, credential, lifeMs }: Enroller): Promise<number> {
  if (credential.kind !== 'code') return Math.min(lifeMs, MAX_DAYS * DAY_MS);
  const installer = await portal.store.installers.get(organisation.id, credential.id);
  return (installer?.choices.credentialDays ?? MAX_DAYS) * DAY_MS;
}

async function answerCredential(
  portal: PortalContext,
  organisation: Organisation,
  deviceId: string,
  lifeMs: number,
  more: { upgradeKey?: string } = {},
): Promise<Answer> {
  const issued = await issueDeviceCredential(portal, organisation.id, deviceId, lifeMs, `device:${deviceId}`);
  return ok({
    credential: issued.value,
    expiresAt: issued.expiresAt,
    org: organisation.name,
    deviceId,
    portal: { name: portal.name, version: portal.version },
    ...more,
  });
}
