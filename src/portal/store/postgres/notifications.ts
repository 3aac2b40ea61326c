import type { Severity } from '../../policies/policy.ts';
import type { Delivery, Webhook } from '../../policies/records.ts';
import type { DueNotice, NotificationStore } from '../../policies/stored.ts';
import { recordAct } from './acts.ts';
import type { Database, OfOrg, Rows } from './database.ts';
import { findDetections } from './detections.ts';

/** Of one batch; a person who is told of a hundred things needs no more to look. */
const MAX_TOLD = 100;
/** So long a replica may take to send what it took; then another one does. */
const TAKEN_MS = 5 * 60_000;

/** The store's webhooks and the notices that wait for them, in this database. */
export function notificationsIn(database: Database): NotificationStore {
  return {
    webhooks: (org) => webhooks(database.of(org)),
    addWebhook: (org, { id, url, severities, secret }, at, by) =>
      database.writing(org, async (rows) => {
        await rows.run(
          `INSERT INTO webhooks (org_id, webhook_id, url, secret, severities, created_at, created_by)
           VALUES ($1, ?, ?, ?, ?, ?, ?)`,
          [id, url, secret, JSON.stringify(severities), at, by],
        );
        await recordAct(rows, { time: at, actor: by, act: 'created', object: `webhook:${id}` });
      }),
    removeWebhook: (org, id, at, by) =>
      database.writing(org, async (rows) => {
        const changes = await rows.run(
          `UPDATE webhooks SET deleted_at = ?, secret = '' WHERE org_id = $1 AND webhook_id = ? AND deleted_at IS NULL`,
          [at, id],
        );
        if (changes === 0) return false;
        await forgetWaiting(rows, id, at);
        await recordAct(rows, { time: at, actor: by, act: 'removed', object: `webhook:${id}` });
        return true;
      }),
    switchWebhook: (org, id, enabled, at, by) =>
      database.writing(org, (rows) => switchWebhook(rows, id, enabled, at, by)),
    webhookTarget: (org, id) =>
      database.of(org).get(
        `SELECT w.url, w.secret, o.name AS organisation FROM webhooks w JOIN organisations o ON o.org_id = w.org_id
           WHERE w.org_id = $1 AND w.webhook_id = ? AND w.deleted_at IS NULL`,
        [id],
      ),
    deliveries: (org, id, limit) =>
      database.of(org).all<Delivery>(
        `SELECT seq AS id, made_at AS "madeAt", json_array_length(detections::json) AS detections, tries, next_at AS "nextAt",
             done_at AS "doneAt", trouble FROM notices WHERE org_id = $1 AND webhook_id = ? ORDER BY seq DESC LIMIT ?`,
        [id, limit],
      ),
    due: (at, limit) => takeDue(database, at, limit),
    async settle({ org, seq }, { at, nextAt, trouble }) {
      await database.of(org).run(
        `UPDATE notices SET tries = tries + 1, next_at = ?, trouble = ?, done_at = CASE WHEN ?::text IS NULL THEN ?::text END
           WHERE org_id = $1 AND seq = ?`,
        [nextAt, trouble, nextAt, at, seq],
      );
    },
  };
}

type WebhookRow = Omit<Webhook, 'severities'> & { severities: string };

async function webhooks(rows: Rows): Promise<Webhook[]> {
  const found = await rows.all<WebhookRow>(
    `SELECT webhook_id AS id, url, severities, created_at AS "createdAt", created_by AS "createdBy",
       disabled_at IS NULL AS enabled,
       (SELECT count(*) FROM notices n WHERE n.org_id = w.org_id AND n.webhook_id = w.webhook_id AND n.next_at IS NOT NULL) AS waiting,
       (SELECT trouble FROM notices n WHERE n.org_id = w.org_id AND n.webhook_id = w.webhook_id ORDER BY seq DESC LIMIT 1) AS trouble
     FROM webhooks w WHERE org_id = $1 AND deleted_at IS NULL ORDER BY created_at`,
  );
  return found.map((row) => ({ ...row, severities: JSON.parse(row.severities) as Severity[] }));
}

async function switchWebhook(rows: OfOrg, id: string, enabled: boolean, at: string, by: string): Promise<boolean> {
  const row = await rows.get<{ disabled_at: string | null }>(
    'SELECT disabled_at FROM webhooks WHERE org_id = $1 AND webhook_id = ? AND deleted_at IS NULL',
    [id],
  );
  if (row === undefined) return false;
  await rows.run('UPDATE webhooks SET disabled_at = ? WHERE org_id = $1 AND webhook_id = ?', [enabled ? null : at, id]);
  if (!enabled) await forgetWaiting(rows, id, at);
  const changes = [{ what: 'enabled', before: String(row.disabled_at === null), after: String(enabled) }];
  const act = enabled ? 'enabled' : 'disabled';
  await recordAct(rows, { time: at, actor: by, act, object: `webhook:${id}`, changes });
  return true;
}

async function forgetWaiting(rows: OfOrg, id: string, at: string): Promise<void> {
  await rows.run(
    `UPDATE notices SET next_at = NULL, done_at = ?, trouble = 'not sent: the webhook was switched off'
     WHERE org_id = $1 AND webhook_id = ? AND next_at IS NOT NULL`,
    [at, id],
  );
}

type DueRow = Omit<DueNotice, 'detections'> & { detections: string };

/**
 * Takes what is due, of all organisations, so that no other replica sends the same: it becomes due again only when this one has
 * not settled it in time. Who is killed in between has it sent twice at worst, by a body with the same id.
 */
async function takeDue(database: Database, at: string, limit: number): Promise<DueNotice[]> {
  const rows = await database.portal.all<DueRow>(
    `WITH taken AS (
       UPDATE notices SET next_at = ? WHERE (org_id, seq) IN (
         SELECT n.org_id, n.seq FROM notices n JOIN webhooks w ON w.org_id = n.org_id AND w.webhook_id = n.webhook_id
         WHERE n.next_at <= ? AND w.deleted_at IS NULL AND w.disabled_at IS NULL
         ORDER BY n.next_at LIMIT ? FOR UPDATE OF n SKIP LOCKED)
       RETURNING org_id, seq, webhook_id, detections, made_at, tries)
     SELECT n.seq, n.org_id AS org, o.name AS organisation, w.url, w.secret, n.detections, n.made_at AS "madeAt", n.tries
     FROM taken n JOIN webhooks w ON w.org_id = n.org_id AND w.webhook_id = n.webhook_id
     JOIN organisations o ON o.org_id = n.org_id ORDER BY n.made_at, n.seq`,
    [new Date(Date.parse(at) + TAKEN_MS).toISOString(), at, limit],
  );
  return Promise.all(
    rows.map(async ({ detections, ...row }) => ({
      ...row,
      detections: await findDetections(database.of(row.org), JSON.parse(detections) as string[]),
    })),
  );
}

/** Has every webhook that wants to know told of these new detections, in the transaction that found them. */
export async function addNotices(
  rows: OfOrg,
  found: readonly { id: string; severity: Severity }[],
  at: string,
): Promise<void> {
  if (found.length === 0) return;
  const hooks = await rows.all<{ id: string; severities: string }>(
    `SELECT webhook_id AS id, severities FROM webhooks WHERE org_id = $1 AND deleted_at IS NULL AND disabled_at IS NULL`,
  );
  for (const hook of hooks) {
    const severities = JSON.parse(hook.severities) as Severity[];
    const told = found.filter(({ severity }) => severities.includes(severity)).slice(0, MAX_TOLD);
    if (told.length === 0) continue;
    await rows.run(
      'INSERT INTO notices (org_id, webhook_id, detections, made_at, tries, next_at) VALUES ($1, ?, ?, ?, 0, ?)',
      [hook.id, JSON.stringify(told.map(({ id }) => id)), at, at],
    );
  }
}
