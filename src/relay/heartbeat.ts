import type { Json } from '../core/event.ts';
import type { Credential } from './credential.ts';
import type { AskPortal } from './portal-client.ts';

export const HEARTBEAT_EVERY_MS = 15 * 60_000;

/** Tells the portal how this agent is. A lost one is no loss: the next says it all again. */
export async function sendHeartbeat(
  ask: AskPortal,
  credential: Credential,
  report: { [key: string]: Json },
): Promise<boolean> {
  const { portal, token } = credential;
  const answer = await ask({ portal, path: '/v1/heartbeat', secret: token, body: JSON.stringify(report) });
  return answer.status === 200 || answer.status === 204;
}
