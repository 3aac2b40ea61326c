import type { Announcer } from '../announcer.ts';
import type { PortalContext } from '../portal-context.ts';
import { notOwn, ownStore } from './own-store.ts';

/** What whoever may see one device can ask for at all. */
const OWN_ROUTES: ReadonlySet<string> = new Set([
  'GET /api/me',
  'POST /api/sign-out',
  'GET /api/agents/:id',
  'GET /api/agents/:id/changes',
  'GET /api/events',
  'GET /api/events/:id',
  'GET /api/counts',
  'GET /api/search',
  'GET /api/sessions',
  'GET /api/sessions/:id',
  'GET /api/sessions/:id/turns',
  'GET /api/sessions/:id/matches',
  'GET /api/stream',
]);

/** The portal as it is for whoever may see one device. Refuses (403) `own-view-only` what is not theirs to ask. */
export function ownPortal(
  portal: PortalContext,
  { device, credentialId }: { device: string; credentialId: string },
  route: string,
): PortalContext {
  if (!OWN_ROUTES.has(route)) throw notOwn();
  return {
    ...portal,
    store: ownStore(portal.store, device, credentialId),
    announcer: ownAnnouncer(portal.announcer, device),
  };
}

/** Passes on what came from this device alone. */
const ownAnnouncer = (announcer: Announcer, device: string): Announcer => ({
  ...announcer,
  listen: (org, listener, end) =>
    announcer.listen(
      org,
      ({ events, sessions, agents }) => {
        if (agents.length === 1 && agents[0] === device) listener({ events, sessions, agents });
      },
      end,
    ),
});
