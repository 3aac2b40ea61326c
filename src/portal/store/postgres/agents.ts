import type { AgentState } from '../../answers.ts';
import type { Enrolment } from '../../device-schema.ts';
import { agentOrder, stateSql } from '../agent-conditions.ts';
import { type AgentRow, toAgent } from '../agent-row.ts';
import { spreadQuestions, toSeen } from '../agent-spread.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import { isNotShutOut } from '../shut-out.ts';
import type { AgentStore } from '../store.ts';
import { recordAct } from './acts.ts';
import { AGENT_DIALECT, agentConditions } from './agent-conditions.ts';
import { type Database, type OfOrg, storableText } from './database.ts';

const SELECT = `SELECT *, user_name AS "user", (SELECT max(expires_at) FROM credentials c WHERE c.org_id = agents.org_id
  AND c.subject = agents.device_id AND c.kind = 'device' AND c.revoked_at IS NULL) AS credential_ends_at FROM agents`;

/** The store's agents, in this database. */
export function agentsIn(database: Database): AgentStore {
  return {
    enrol: (org, device, at, by) => database.writing(org, (rows) => enrol(rows, device, at, by)),
    async heartbeat(org, deviceId, heartbeat, at) {
      const { attached, known } = heartbeat.attachments;
      await database.of(org).run(
        `UPDATE agents SET heartbeat = ?, last_seen_at = ?, agent_version = ?, kiro = ?, attention = ?, coverage = ?
         WHERE org_id = $1 AND device_id = ?`,
        [
          ...[asJson(heartbeat), at, heartbeat.agentVersion, asJson(heartbeat.kiro)],
          ...[Number(heartbeat.health.length > 0), known === 0 ? null : (100 * attached) / known, deviceId],
        ],
      );
    },
    async noteProbe(org, deviceId, { id, time }) {
      await database
        .of(org)
        .run('UPDATE agents SET probe_id = ?, probe_at = ?, last_seen_at = ? WHERE org_id = $1 AND device_id = ?', [
          ...[id, time, time, deviceId],
        ]);
    },
    list: (org, filter, now, page) => database.reading(org, (rows) => list(rows, filter, now, page)),
    async states(org, filter, now) {
      const { state: _state, ...tests } = filter.tests ?? {};
      const where = agentConditions({ ...filter, tests }, now);
      const state = stateSql(now);
      const rows = await database
        .of(org)
        .all<{ state: AgentState; count: number }>(
          `SELECT ${state.sql} AS state, count(*) AS count FROM agents WHERE ${where.sql.join(' AND ')} GROUP BY 1`,
          [...state.values, ...where.values],
        );
      return Object.fromEntries(rows.map(({ state: name, count }) => [name, count]));
    },
    spread: (org, filter, now) =>
      database.reading(org, async (rows) => {
        const { versions, kiro, seen } = spreadQuestions(AGENT_DIALECT, agentConditions(filter, now), now);
        return {
          versions: await rows.all(versions.sql, versions.values),
          kiro: await rows.all(kiro.sql, kiro.values),
          seen: toSeen(await rows.all(seen.sql, seen.values)),
        };
      }),
    async outboxes(org) {
      const row = await database.of(org).get<{ events: number; bytes: number; oldest: string | null }>(
        `SELECT coalesce(sum((heartbeat::json -> 'outbox' ->> 'events')::numeric), 0) AS events,
           coalesce(sum((heartbeat::json -> 'outbox' ->> 'bytes')::numeric), 0) AS bytes,
           min(heartbeat::json -> 'outbox' ->> 'oldest') AS oldest
         FROM agents WHERE org_id = $1 AND heartbeat IS NOT NULL AND ${isNotShutOut('agents')}`,
      );
      return row ?? { events: 0, bytes: 0, oldest: null };
    },
    async get(org, id) {
      const row = await database.of(org).get<AgentRow>(`${SELECT} WHERE org_id = $1 AND device_id = ?`, [id]);
      return row === undefined ? undefined : toAgent(row);
    },
  };
}

async function list(
  rows: OfOrg,
  filter: Parameters<AgentStore['list']>[1],
  now: Date,
  { limit, after, sort }: Parameters<AgentStore['list']>[3],
): ReturnType<AgentStore['list']> {
  const where = agentConditions(filter, now);
  const { by, type, descending } = agentOrder(sort, AGENT_DIALECT);
  const cursor = after === undefined ? undefined : readCursor(after);
  const counted = { sql: [...where.sql], values: [...where.values] };
  if (cursor !== undefined) {
    where.sql.push(`(${by}, device_id) ${descending ? '<' : '>'} (?::${type}, ?::text)`);
    where.values.push(...cursor);
  }
  const direction = descending ? 'DESC' : 'ASC';
  const found = await rows.all<AgentRow & { sorted_by: string | number }>(
    `${SELECT.replace('SELECT *', `SELECT *, ${by} AS sorted_by`)} WHERE ${where.sql.join(' AND ')}
     ORDER BY ${by} ${direction}, device_id ${direction} LIMIT ?`,
    [...where.values, limit + 1],
  );
  const total = await rows.get<{ n: number }>(
    `SELECT count(*) AS n FROM agents WHERE ${counted.sql.join(' AND ')}`,
    counted.values,
  );
  const page = toPage(found, limit, (row) => writeCursor(row.sorted_by, row.device_id), toAgent);
  return { ...page, total: total?.n ?? 0 };
}

async function enrol(rows: OfOrg, device: Enrolment, at: string, by: string): Promise<void> {
  await rows.run(
    `INSERT INTO agents (org_id, device_id, name, user_name, os, agent_version, kiro, enrolled_at)
     VALUES ($1, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (org_id, device_id) DO UPDATE SET name = excluded.name, user_name = excluded.user_name, os = excluded.os,
       agent_version = excluded.agent_version, kiro = excluded.kiro`,
    [device.deviceId, device.name, device.user, device.os, device.agentVersion, asJson(device.kiro), at],
  );
  await recordAct(rows, { time: at, actor: by, act: 'enrolled', object: `device:${device.deviceId}` });
}

/** PostgreSQL looks into it, and takes no character of number 0, however it is written. */
const asJson = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => (typeof each === 'string' ? storableText(each) : each));
