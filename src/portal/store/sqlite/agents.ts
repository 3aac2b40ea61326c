import { type Database, inTransaction } from '../../../core/database.ts';
import type { AgentState } from '../../answers.ts';
import type { Enrolment } from '../../device-schema.ts';
import { agentOrder, stateSql } from '../agent-conditions.ts';
import { type AgentRow, toAgent } from '../agent-row.ts';
import { type AgentSpread, spreadQuestions, toSeen } from '../agent-spread.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import { isNotShutOut } from '../shut-out.ts';
import type { AgentStore } from '../store.ts';
import { recordAct } from './acts.ts';
import { AGENT_DIALECT, agentConditions } from './agent-conditions.ts';

const SELECT = `SELECT *, (SELECT max(expires_at) FROM credentials c WHERE c.org_id = agents.org_id
  AND c.subject = agents.device_id AND c.kind = 'device' AND c.revoked_at IS NULL) AS credential_ends_at FROM agents`;

/** The store's agents, in this database. */
export function agentsIn(database: Database): AgentStore {
  return {
    async enrol(org, device, at, by) {
      inTransaction(database, () => enrol(database, org, device, at, by));
    },
    async heartbeat(org, deviceId, heartbeat, at) {
      const { attached, known } = heartbeat.attachments;
      database
        .prepare(
          `UPDATE agents SET heartbeat = ?, last_seen_at = ?, agent_version = ?, kiro = ?, attention = ?, coverage = ?
           WHERE org_id = ? AND device_id = ?`,
        )
        .run(
          ...[JSON.stringify(heartbeat), at, heartbeat.agentVersion, JSON.stringify(heartbeat.kiro)],
          ...[Number(heartbeat.health.length > 0), known === 0 ? null : (100 * attached) / known, org, deviceId],
        );
    },
    async noteProbe(org, deviceId, { id, time }) {
      database
        .prepare('UPDATE agents SET probe_id = ?, probe_at = ?, last_seen_at = ? WHERE org_id = ? AND device_id = ?')
        .run(id, time, time, org, deviceId);
    },
    async list(org, filter, now, { limit, after, sort }) {
      const where = agentConditions(org, filter, now);
      const { by, descending } = agentOrder(sort, AGENT_DIALECT);
      const cursor = after === undefined ? undefined : readCursor(after);
      const counted = { sql: [...where.sql], values: [...where.values] };
      if (cursor !== undefined) {
        where.sql.push(`(${by}, device_id) ${descending ? '<' : '>'} (?, ?)`);
        where.values.push(...cursor);
      }
      const direction = descending ? 'DESC' : 'ASC';
      const rows = database
        .prepare(
          `${SELECT} JOIN (SELECT device_id AS id, ${by} AS sorted_by FROM agents WHERE ${where.sql.join(' AND ')}
             ORDER BY ${by} ${direction}, device_id ${direction} LIMIT ?) ON id = device_id
           WHERE org_id = ? ORDER BY sorted_by ${direction}, device_id ${direction}`,
        )
        .all(...where.values, limit + 1, org) as unknown as (AgentRow & { sorted_by: string | number })[];
      const { n } = database
        .prepare(`SELECT count(*) AS n FROM agents WHERE ${counted.sql.join(' AND ')}`)
        .get(...counted.values) as { n: number };
      return { ...toPage(rows, limit, (row) => writeCursor(row.sorted_by, row.device_id), toAgent), total: n };
    },
    async states(org, filter, now) {
      const { state: _state, ...tests } = filter.tests ?? {};
      const where = agentConditions(org, { ...filter, tests }, now);
      const state = stateSql(now);
      const rows = database
        .prepare(
          `SELECT ${state.sql} AS state, count(*) AS count FROM agents WHERE ${where.sql.join(' AND ')} GROUP BY 1`,
        )
        .all(...state.values, ...where.values) as unknown as { state: AgentState; count: number }[];
      return Object.fromEntries(rows.map(({ state: name, count }) => [name, count]));
    },
    async spread(org, filter, now) {
      const questions = spreadQuestions(AGENT_DIALECT, agentConditions(org, filter, now), now);
      const rows = <Row>({ sql, values }: { sql: string; values: readonly (string | number)[] }) =>
        database.prepare(sql).all(...values) as unknown as Row[];
      return {
        versions: rows<AgentSpread['versions'][number]>(questions.versions),
        kiro: rows<AgentSpread['kiro'][number]>(questions.kiro),
        seen: toSeen(rows(questions.seen)),
      };
    },
    async outboxes(org) {
      const row = database
        .prepare(
          `SELECT coalesce(sum(heartbeat ->> '$.outbox.events'), 0) AS events,
             coalesce(sum(heartbeat ->> '$.outbox.bytes'), 0) AS bytes, min(heartbeat ->> '$.outbox.oldest') AS oldest
           FROM agents WHERE org_id = ? AND heartbeat IS NOT NULL AND ${isNotShutOut('agents')}`,
        )
        .get(org);
      return row as unknown as { events: number; bytes: number; oldest: string | null };
    },
    async get(org, id) {
      const row = database.prepare(`${SELECT} WHERE org_id = ? AND device_id = ?`).get(org, id);
      return row === undefined ? undefined : toAgent(row as unknown as AgentRow);
    },
  };
}

function enrol(database: Database, org: string, device: Enrolment, at: string, by: string): void {
  database
    .prepare(
      `INSERT INTO agents (org_id, device_id, name, user, os, agent_version, kiro, enrolled_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (org_id, device_id) DO UPDATE SET name = excluded.name, user = excluded.user, os = excluded.os,
         agent_version = excluded.agent_version, kiro = excluded.kiro`,
    )
    .run(
      org,
      device.deviceId,
      device.name,
      device.user,
      device.os,
      device.agentVersion,
      JSON.stringify(device.kiro),
      at,
    );
  recordAct(database, org, { time: at, actor: by, act: 'enrolled', object: `device:${device.deviceId}` });
}
