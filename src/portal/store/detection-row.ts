import type { Severity } from '../policies/policy.ts';
import type { Evidence, StoredDetection } from '../policies/records.ts';

/** A row of `detections`, with what its policy is called. */
export interface DetectionRow {
  seq: number;
  detection_id: string;
  policy_id: string;
  policy_name: string | null;
  policy_version: number;
  severity: Severity;
  rank: number;
  event_id: string;
  session_id: string;
  device_id: string;
  user: string;
  workspace: string | null;
  time: string;
  found_at: string;
  evidence: string;
  retrospective: number;
  state: StoredDetection['state'];
  reason: string | null;
  assignee: string | null;
  version: number;
  changed_at: string;
}

/** The detection that a row tells of. */
export function toDetection(row: DetectionRow): StoredDetection {
  return {
    id: row.detection_id,
    policy: row.policy_id,
    policyName: row.policy_name ?? row.policy_id,
    policyVersion: row.policy_version,
    severity: row.severity,
    event: row.event_id,
    session: row.session_id,
    agent: row.device_id,
    user: row.user,
    workspace: row.workspace,
    time: row.time,
    foundAt: row.found_at,
    evidence: JSON.parse(row.evidence) as Evidence[],
    retrospective: row.retrospective === 1,
    state: row.state,
    reason: row.reason,
    assignee: row.assignee,
    version: row.version,
    changedAt: row.changed_at,
  };
}

/** How much of a time in ISO 8601 names its hour, or its day. */
export const STEP_LENGTH = { hour: 13, day: 10 } as const;
/** The whole of a time that was cut so. */
export const startOfStep = (cut: string): string => new Date(cut.length === 10 ? cut : `${cut}:00Z`).toISOString();
