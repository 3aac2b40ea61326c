import type { StoredDetection } from '../policies/records.ts';
import { activity, metadataOf, type Ocsf, type OcsfSource } from './ocsf.ts';
import type { StreamedDetection } from './stream-store.ts';

const CLASS = { category_uid: 2, category_name: 'Findings', class_uid: 2004, class_name: 'Detection Finding' };

const SEVERITIES = {
  low: { severity_id: 2, severity: 'Low' },
  medium: { severity_id: 3, severity: 'Medium' },
  high: { severity_id: 4, severity: 'High' },
  critical: { severity_id: 5, severity: 'Critical' },
} as const;

/** A detection that was withdrawn rested on what turned out not to be so. */
const STATUS = {
  open: { status_id: 1, status: 'New' },
  in_review: { status_id: 2, status: 'In Progress' },
  false_positive: { status_id: 3, status: 'Suppressed' },
  closed: { status_id: 4, status: 'Resolved' },
  withdrawn: { status_id: 6, status: 'Deleted' },
} as const;

/** A detection as OCSF's Detection Finding: created, updated or closed by its state and version. Pure. */
export function ocsfFinding(source: OcsfSource, { detection, step }: StreamedDetection): Ocsf {
  const { id, version, severity, state, time, foundAt, changedAt, policyName, event, session, agent, user } = detection;
  const happened = Date.parse(time);
  return {
    ...CLASS,
    ...activityOf(detection),
    ...SEVERITIES[severity],
    ...STATUS[state],
    time: Date.parse(foundAt),
    timezone_offset: 0,
    ...{ start_time: happened, end_time: happened },
    message: `${policyName}: ${user}`,
    is_alert: state === 'open',
    metadata: metadataOf(source, `${id}-${version}`, {
      sequence: step,
      correlation_uid: session,
      event_code: 'detection',
      modified_time: Date.parse(changedAt),
    }),
    finding_info: {
      uid: id,
      title: policyName,
      desc: `The policy “${policyName}” (version ${detection.policyVersion}) holds for the event ${event}.`,
      analytic: {
        ...{ uid: detection.policy, name: policyName, type_id: 1, type: 'Rule' },
        version: String(detection.policyVersion),
      },
      ...{ created_time: Date.parse(foundAt), modified_time: Date.parse(changedAt) },
      ...{ first_seen_time: happened, last_seen_time: happened, types: ['AI agent activity'] },
    },
    device: { uid: agent, type_id: 0, type: 'Unknown' },
    evidences: evidencesOf(detection),
    unmapped: {
      ...{ session, workspace: detection.workspace, retrospective: detection.retrospective },
      ...{ state, reason: detection.reason, assignee: detection.assignee, path: `/detections/${id}` },
      ...(detection.evidenceOmitted !== undefined && { evidenceOmitted: detection.evidenceOmitted }),
    },
  };
}

function activityOf({ state, version }: StoredDetection): Ocsf {
  if (state === 'closed' || state === 'false_positive' || state === 'withdrawn') {
    return activity(CLASS.class_uid, 3, 'Close');
  }
  return version === 1 ? activity(CLASS.class_uid, 1, 'Create') : activity(CLASS.class_uid, 2, 'Update');
}

/** One for each place that the policy saw. What stood there stays in the portal. */
function evidencesOf({ evidence, event, user, agent, session }: StoredDetection): Ocsf[] {
  const common = {
    actor: { user: { name: user, type_id: 0, type: 'Unknown' }, app_name: 'Kiro' },
    device: { uid: agent, type_id: 0, type: 'Unknown' },
    ai_agent: { uid: 'kiro', name: 'Kiro', type_id: 99, type: 'Kiro', instance_uid: session },
  };
  if (evidence.length === 0) return [{ uid: event, ...common }];
  return evidence.map(({ event: uid, path, start, end }) => ({ uid, ...common, data: { path, start, end } }));
}
