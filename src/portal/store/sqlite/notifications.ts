import { type Database, inTransaction } from '../../../core/database.ts';
import type { Severity } from '../../policies/policy.ts';
import type { Delivery, Webhook } from '../../policies/records.ts';
import type { NotificationStore } from '../../policies/stored.ts';
import { recordAct } from './acts.ts';
import { findDetections } from './detections.ts';

/** Of one batch; a person who is told of a hundred things needs no more to look. */
const MAX_TOLD = 100;

/** The store's webhooks and the notices that wait for them, in this database. */
export function notificationsIn(database: Database): NotificationStore {
  return {
    async webhooks(org) {
      const rows = database
        .prepare(
          `SELECT webhook_id AS id, url, severities, created_at AS createdAt, created_by AS createdBy,
             disabled_at IS NULL AS enabled,
             (SELECT count(*) FROM notices n WHERE n.org_id = w.org_id AND n.webhook_id = w.webhook_id AND n.next_at IS NOT NULL) AS waiting,
             (SELECT trouble FROM notices n WHERE n.org_id = w.org_id AND n.webhook_id = w.webhook_id ORDER BY seq DESC LIMIT 1) AS trouble
           FROM webhooks w WHERE org_id = ? AND deleted_at IS NULL ORDER BY created_at`,
        )
        .all(org) as unknown as (Omit<Webhook, 'severities' | 'enabled'> & { severities: string; enabled: number })[];
      return rows.map((row) => ({
        ...row,
        enabled: row.enabled === 1,
        severities: JSON.parse(row.severities) as Severity[],
      }));
    },
    async addWebhook(org, { id, url, severities, secret }, at, by) {
      inTransaction(database, () => {
        database
          .prepare(
            'INSERT INTO webhooks (org_id, webhook_id, url, secret, severities, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?)',
          )
          .run(org, id, url, secret, JSON.stringify(severities), at, by);
        recordAct(database, org, { time: at, actor: by, act: 'created', object: `webhook:${id}` });
      });
    },
    async removeWebhook(org, id, at, by) {
      return inTransaction(database, () => {
        const { changes } = database
          .prepare(
            `UPDATE webhooks SET deleted_at = ?, secret = '' WHERE org_id = ? AND webhook_id = ? AND deleted_at IS NULL`,
          )
          .run(at, org, id);
        if (changes === 0) return false;
        forgetWaiting(database, org, id, at);
        recordAct(database, org, { time: at, actor: by, act: 'removed', object: `webhook:${id}` });
        return true;
      });
    },
    async switchWebhook(org, id, enabled, at, by) {
      return inTransaction(database, () => {
        const row = database
          .prepare('SELECT disabled_at FROM webhooks WHERE org_id = ? AND webhook_id = ? AND deleted_at IS NULL')
          .get(org, id);
        if (row === undefined) return false;
        const before = row.disabled_at;
        database
          .prepare('UPDATE webhooks SET disabled_at = ? WHERE org_id = ? AND webhook_id = ?')
          .run(enabled ? null : at, org, id);
        if (!enabled) forgetWaiting(database, org, id, at);
        const act = enabled ? 'enabled' : 'disabled';
        const changes = [{ what: 'enabled', before: String(before === null), after: String(enabled) }];
        recordAct(database, org, { time: at, actor: by, act, object: `webhook:${id}`, changes });
        return true;
      });
    },
    async webhookTarget(org, id) {
      const row = database
        .prepare(
          `SELECT w.url, w.secret, o.name AS organisation FROM webhooks w JOIN organisations o ON o.org_id = w.org_id
           WHERE w.org_id = ? AND w.webhook_id = ? AND w.deleted_at IS NULL`,
        )
        .get(org, id);
      return row as { url: string; secret: string; organisation: string } | undefined;
    },
    async deliveries(org, id, limit) {
      return database
        .prepare(
          `SELECT seq AS id, made_at AS madeAt, json_array_length(detections) AS detections, tries, next_at AS nextAt,
             done_at AS doneAt, trouble FROM notices WHERE org_id = ? AND webhook_id = ? ORDER BY seq DESC LIMIT ?`,
        )
        .all(org, id, limit) as unknown as Delivery[];
    },
    async due(at, limit) {
      const rows = database
        .prepare(
          `SELECT n.seq, n.org_id AS org, o.name AS organisation, w.url, w.secret, n.detections, n.made_at AS madeAt, n.tries
           FROM notices n JOIN webhooks w ON w.org_id = n.org_id AND w.webhook_id = n.webhook_id
           JOIN organisations o ON o.org_id = n.org_id
           WHERE n.next_at <= ? AND w.deleted_at IS NULL AND w.disabled_at IS NULL ORDER BY n.next_at LIMIT ?`,
        )
        .all(at, limit) as unknown as DueRow[];
      return rows.map(({ detections, ...row }) => ({
        ...row,
        detections: findDetections(database, row.org, JSON.parse(detections) as string[]),
      }));
    },
    async settle({ seq }, { at, nextAt, trouble }) {
      database
        .prepare(
          'UPDATE notices SET tries = tries + 1, next_at = ?, trouble = ?, done_at = CASE WHEN ? IS NULL THEN ? END WHERE seq = ?',
        )
        .run(nextAt, trouble, nextAt, at, seq);
    },
  };
}

function forgetWaiting(database: Database, org: string, id: string, at: string): void {
  database
    .prepare(
      `UPDATE notices SET next_at = NULL, done_at = ?, trouble = 'not sent: the webhook was switched off'
       WHERE org_id = ? AND webhook_id = ? AND next_at IS NOT NULL`,
    )
    .run(at, org, id);
}

interface DueRow {
  seq: number;
  org: string;
  organisation: string;
  url: string;
  secret: string;
  detections: string;
  madeAt: string;
  tries: number;
}

/** Has every webhook that wants to know told of these new detections, in the transaction that found them. */
export function addNotices(
  database: Database,
  org: string,
  found: readonly { id: string; severity: Severity }[],
  at: string,
): void {
  if (found.length === 0) return;
  const hooks = database
    .prepare(
      'SELECT webhook_id AS id, severities FROM webhooks WHERE org_id = ? AND deleted_at IS NULL AND disabled_at IS NULL',
    )
    .all(org) as unknown as { id: string; severities: string }[];
  for (const hook of hooks) {
    const severities = JSON.parse(hook.severities) as Severity[];
    const told = found.filter(({ severity }) => severities.includes(severity)).slice(0, MAX_TOLD);
    if (told.length === 0) continue;
    database
      .prepare(
        'INSERT INTO notices (org_id, webhook_id, detections, made_at, tries, next_at) VALUES (?, ?, ?, ?, 0, ?)',
      )
      .run(org, hook.id, JSON.stringify(told.map(({ id }) => id)), at, at);
  }
}
