import { hash } from 'node:crypto';
import type { Credential } from './credential.ts';
import type { Sender } from './delivery.ts';
import type { AskPortal } from './portal-client.ts';
import { judge } from './verdict.ts';

export interface PortalSenderNeeds {
  ask: AskPortal;
  credential(): Credential | undefined;
  /** Trades the credential for a fresh one; whether one came. */
  renew(): Promise<boolean>;
}

/** Hands events to the portal that this device has enrolled at. */
export function portalSender({ ask, credential, renew }: PortalSenderNeeds): Sender {
  let used: string | undefined;
  /** The credential that was refused and could not be renewed: tried once, not once a batch. */
  let refused: string | undefined;
  return {
    unset: () => (credential() === undefined ? 'this device has not enrolled at a portal yet' : null),
    async send(batch) {
      const known = credential();
      if (known === undefined) return { act: 'retry', why: 'the credential is gone', retryAfter: undefined };
      const { portal, token } = known;
      used = token;
      const body = Buffer.from(`{"events":[${batch.map(({ json }) => json).join(',')}]}`);
      // Made of the bytes: the same batch has the same key, after a crash too, and nothing has to be kept for it.
      const key = hash('sha256', body).slice(0, 32);
      const headers = { 'idempotency-key': `"${key}"` };
      return judge(await ask({ portal, path: '/v1/events', secret: token, body, headers }));
    },
    async renewed() {
      const now = credential()?.token;
      // Another one came meanwhile.
      if (now !== undefined && now !== used) return true;
      if (refused === used) return false;
      refused = used;
      return renew();
    },
  };
}
