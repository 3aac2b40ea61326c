import * as z from 'zod';
import type { CapsuleEvent } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import type { PortalProcess, Stage } from './stage.ts';

/** What stands in the portal, asked as any script may: with an API key. */
export interface PortalView {
  /** Every event of the session, whole. */
  events(sessionId: string): Promise<CapsuleEvent[]>;
  /** When the session's newest turn end was stored, by the portal's clock. */
  lastStored(sessionId: string): Promise<Date | null>;
}

const Page = z.object({
  events: z.array(z.looseObject({ id: z.string(), kind: z.string() })),
  next: z.string().nullable(),
});
const Stored = z.object({ receivedAt: z.iso.datetime() });

/** Makes an API key for the demo's portal and looks through it. Throws `demo-failed`. */
export async function viewPortal(stage: Stage, portal: PortalProcess): Promise<PortalView> {
  const { stdout, exitCode } = await stage.capsule(['portal', 'key', '--data', portal.data]);
  if (exitCode !== 0) throw new Failure('demo-failed', 'The portal gave no API key');
  const key = stdout.trim();
  const get = async (where: string): Promise<unknown> => {
    const response = await fetch(new URL(where, portal.address), { headers: { authorization: `Bearer ${key}` } });
    return response.ok ? response.json() : undefined;
  };
  const events = async (sessionId: string): Promise<CapsuleEvent[]> => {
    const found: CapsuleEvent[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = new URLSearchParams({ session: sessionId, limit: '500', content: 'full' });
      if (cursor !== '') query.set('cursor', cursor);
      const page = Page.safeParse(await get(`/api/events?${query}`));
      if (!page.success) return found;
      found.push(...(page.data.events as unknown as CapsuleEvent[]));
      cursor = page.data.next;
    }
    return found;
  };
  return {
    events,
    async lastStored(sessionId) {
      const ends = (await events(sessionId)).filter(({ kind }) => kind === 'turn.ended');
      const times = await Promise.all(
        ends.map(async ({ id }) => Stored.safeParse(await get(`/api/events/${id}`)).data?.receivedAt),
      );
      const newest = times
        .filter((time) => time !== undefined)
        .sort()
        .at(-1);
      return newest === undefined ? null : new Date(newest);
    },
  };
}
