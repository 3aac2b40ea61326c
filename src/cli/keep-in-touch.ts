/** Enrols as soon as the portal can be reached, renews the credential in time, and sends heartbeats. */
import type { Json } from '../core/event.ts';
import { describe } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { type Credential, readCredential, readEnrolment, renewalDue } from '../relay/credential.ts';
import { type Device, enrol, renew } from '../relay/enrolment.ts';
import { HEARTBEAT_EVERY_MS, sendHeartbeat } from '../relay/heartbeat.ts';
import type { AskPortal } from '../relay/portal-client.ts';
import { nextDelay } from '../relay/retry.ts';

const REFUSED_WAIT_MS = 15 * 60_000;

export interface TouchNeeds {
  ask: AskPortal;
  device(): Omit<Device, 'os' | 'user'>;
  caFile(): string | null;
  report(): { [key: string]: Json };
  later(ms: number, then: () => void): () => void;
  /** A credential has come, for the first time or anew. */
  enrolled(): void;
}

export interface Touch {
  /** Look now: an enrolment may have been written, a credential replaced, or something changed that the portal shows. */
  look(): void;
  credential(): Credential | undefined;
  state(): { state: 'enrolled' | 'pending' | 'none'; why: string | null };
  stop(): Promise<void>;
}

export function keepInTouch(host: Host, needs: TouchNeeds): Touch {
  let why: string | null = null;
  let attempts = 0;
  let running: Promise<void> | undefined;
  let again = false;
  let forget = () => {};
  let stopped = false;

  const look = () => {
    again = running !== undefined;
    if (stopped || again) return;
    forget();
    running = touch()
      .catch((error: unknown) => {
        why = describe(error);
        host.log.error('keeping in touch failed', { error: why });
        return HEARTBEAT_EVERY_MS;
      })
      .then((waitMs) => {
        running = undefined;
        forget = stopped ? () => {} : needs.later(waitMs, look);
        if (again) look();
      });
  };

  /** Answers when to look again, in ms. */
  const touch = async (): Promise<number> => {
    const enrolment = readEnrolment(host.own);
    if (enrolment !== undefined) {
      const device = { ...needs.device(), os: host.platform, user: host.user };
      const result = await enrol(host, needs.ask, enrolment, device, needs.caFile());
      if ('refused' in result) return refused(result);
      welcome('enrolled', result.credential);
    }
    const credential = readCredential(host.own);
    if (credential === undefined) return HEARTBEAT_EVERY_MS;
    if (renewalDue(credential, host.now())) {
      const result = await renew(host, needs.ask, credential, needs.caFile());
      if ('refused' in result) host.log.warn('the credential was not renewed', { why: result.refused });
      else welcome('renewed', result.credential);
    }
    await sendHeartbeat(needs.ask, readCredential(host.own) ?? credential, needs.caFile(), needs.report());
    return HEARTBEAT_EVERY_MS;
  };

  const refused = ({ refused: reason, retry }: { refused: string; retry: boolean }): number => {
    attempts += 1;
    why = reason;
    host.log.warn('not enrolled yet', { why: reason, attempts });
    return retry ? nextDelay(attempts, host.random()) : REFUSED_WAIT_MS;
  };

  const welcome = (what: string, { org, expiresAt }: Credential) => {
    attempts = 0;
    why = null;
    host.log.info(what, { org, expiresAt });
    needs.enrolled();
  };

  return {
    look,
    credential: () => readCredential(host.own),
    state: () => {
      if (readEnrolment(host.own) !== undefined) return { state: 'pending', why };
      return { state: readCredential(host.own) === undefined ? 'none' : 'enrolled', why };
    },
    async stop() {
      stopped = true;
      forget();
      await running;
    },
  };
}
