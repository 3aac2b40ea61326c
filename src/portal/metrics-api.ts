import type { Answer } from './answer.ts';
import type { Person } from './authenticate.ts';
import type { PortalContext } from './portal-context.ts';

/** `GET /api/metrics`, for Prometheus: the organisation's own figures, and those of the portal's process. */
export async function tellMetrics(portal: PortalContext, person: Person): Promise<Answer> {
  const text = await portal.metrics.text(portal.store, person.organisation.id, portal.now());
  const headers = { 'content-type': portal.metrics.contentType, 'cache-control': 'no-store' };
  return { status: 200, bytes: Buffer.from(text), headers };
}
