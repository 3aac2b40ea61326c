import type { CapsuleEvent, EventOf, Json } from '../../core/event.ts';
import type { StreamedEvent } from './stream-store.ts';

/**
 * Open Cybersecurity Schema Framework, release 1.9.0 of 3 August 2026 (ocsf/ocsf-schema; the mapping was chosen at a5cfc68, when
 * it was 1.9.0-dev). Which attributes a class has, and where that was read, stands in `test/fixtures/ocsf`.
 */
export const OCSF_VERSION = '1.9.0';

export type Ocsf = Record<string, unknown>;

/** What every OCSF object of ours names as its maker and as its organisation. */
export interface OcsfSource {
  /** Of the portal. */
  version: string;
  org: string;
}

const API_ACTIVITY = {
  category_uid: 6,
  category_name: 'Application Activity',
  class_uid: 6003,
  class_name: 'API Activity',
};
const APPLICATION_ERROR = { ...API_ACTIVITY, class_uid: 6008, class_name: 'Application Error' };
const PROCESS_ACTIVITY = {
  category_uid: 1,
  category_name: 'System Activity',
  class_uid: 1007,
  class_name: 'Process Activity',
};
const SUCCESS = { status_id: 1, status: 'Success' };
const FAILURE = { status_id: 2, status: 'Failure' };
const INFORMATIONAL = { severity_id: 1, severity: 'Informational' };
const OTHER = 99;

/** Names the class's activity, and the type that follows from both. Pure. */
export const activity = (class_uid: number, id: number, name: string): Ocsf => ({
  activity_id: id,
  activity_name: name,
  type_uid: class_uid * 100 + id,
});

/** `uid` is the same whenever the same is sent again. Pure. */
export const metadataOf = ({ version, org }: OcsfSource, uid: string, more: Ocsf = {}): Ocsf => ({
  version: OCSF_VERSION,
  product: { name: 'Capsule for Kiro', uid: 'capsule-kiro', vendor_name: 'Capsule', version },
  uid,
  tenant_uid: org,
  ...more,
});

/**
 * An event as OCSF: a shell tool is Process Activity, a loss is Application Error, everything else is API Activity of the agent;
 * each with the profile `ai_operation`. What has no attribute stands in `unmapped`. Pure.
 */
export function ocsfEvent(source: OcsfSource, { event, position, receivedAt }: StreamedEvent): Ocsf {
  const { redactions, truncated, source: read } = event;
  return {
    ...INFORMATIONAL,
    ...classOf(event),
    time: Date.parse(event.time),
    timezone_offset: 0,
    metadata: metadataOf(source, event.id, {
      profiles: ['ai_operation'],
      sequence: position,
      correlation_uid: event.session.id,
      event_code: event.kind,
      logged_time: Date.parse(receivedAt),
      original_time: event.time,
      ...(truncated !== undefined && { is_truncated: true }),
    }),
    ai_agent: aiAgent(event),
    unmapped: {
      session: event.session,
      turn: event.turn,
      workspace: event.workspace,
      source: read,
      redactions,
      ...(truncated !== undefined && { truncated }),
      body: restOf(event),
    },
  };
}

/** Kiro, as the agent whose doing it was. Who made its model is not told, so no `ai_model` can be given in full. */
function aiAgent({ session, agent }: CapsuleEvent): Ocsf {
  return {
    uid: 'kiro',
    name: 'Kiro',
    type_id: OTHER,
    type: 'Kiro',
    instance_uid: session.id,
    ...(agent.version !== null && { version: agent.version }),
    ...(session.model !== null && {
      ai_model: { name: session.model, model_name: session.model, ai_provider: 'Kiro' },
    }),
  };
}

function classOf(event: CapsuleEvent): Ocsf {
  if (event.kind === 'tool.invoked') return isShell(event) ? processActivity(event) : toolActivity(event);
  if (event.kind === 'capture.gap') {
    const message = `Events were lost before they left the device: ${event.body.reason}`;
    const { class_uid } = APPLICATION_ERROR;
    return {
      ...APPLICATION_ERROR,
      ...activity(class_uid, 1, 'General Error'),
      ...{ severity_id: 3, severity: 'Medium', message, ...(event.body.count !== null && { count: event.body.count }) },
      ...{ start_time: Date.parse(event.body.firstTime), end_time: Date.parse(event.body.lastTime) },
    };
  }
  return { ...apiActivity(event, event.kind, OTHER, event.kind), ...messageContext(event), ...endOf(event) };
}

const isShell = ({ body }: EventOf<'tool.invoked'>): boolean => body.kind === 'execute' && body.mcpServer === null;

function apiActivity(event: CapsuleEvent, operation: string, id: number, name: string): Ocsf {
  return {
    ...API_ACTIVITY,
    ...activity(API_ACTIVITY.class_uid, id, name),
    actor: actorOf(event),
    api: { operation, service: { name: 'Kiro' } },
    src_endpoint: { uid: event.device.id, os: osOf(event), owner: userOf(event) },
  };
}

/** The activities of API Activity that Kiro's own grouping of tools names. */
const TOOL_ACTIVITIES: Readonly<Record<string, readonly [number, string]>> = {
  ...{ read: [2, 'Read'], search: [2, 'Read'], fetch: [2, 'Read'] },
  ...{ edit: [3, 'Update'], delete: [4, 'Delete'], move: [3, 'Update'] },
};

function toolActivity(event: EventOf<'tool.invoked'>): Ocsf {
  const { name, kind, mcpServer } = event.body;
  const [id, caption] = TOOL_ACTIVITIES[kind ?? ''] ?? [OTHER, kind ?? 'tool'];
  const activity = apiActivity(event as CapsuleEvent, name, id, caption);
  const api = { operation: name, service: { name: mcpServer ?? 'Kiro' }, ...requestOf(event) };
  return { ...activity, api, ...messageContext(event as CapsuleEvent), ...outcomeOf(event) };
}

const requestOf = ({ body: { callId, arguments: data } }: EventOf<'tool.invoked'>): Ocsf => ({
  request: { uid: callId, ...(isObject(data) && { data }) },
});

function processActivity(event: EventOf<'tool.invoked'>): Ocsf {
  const { name, exitCode, arguments: given, callId } = event.body;
  const command = isObject(given) && typeof given.command === 'string' ? given.command : undefined;
  const { class_uid } = PROCESS_ACTIVITY;
  return {
    ...PROCESS_ACTIVITY,
    ...activity(class_uid, 1, 'Launch'),
    actor: actorOf(event as CapsuleEvent),
    device: { uid: event.device.id, type_id: 0, type: 'Unknown', os: osOf(event as CapsuleEvent) },
    // Kiro tells no process number: the call stands for it.
    process: { uid: callId, name, ...(command !== undefined && { cmd_line: command }) },
    ...(exitCode !== null && { exit_code: exitCode }),
    ...messageContext(event as CapsuleEvent),
    ...outcomeOf(event),
  };
}

function outcomeOf({ body: { success, startedAt, endedAt, durationMs } }: EventOf<'tool.invoked'>): Ocsf {
  return {
    ...(success !== null && (success ? SUCCESS : FAILURE)),
    ...(startedAt !== null && { start_time: Date.parse(startedAt) }),
    ...(endedAt !== null && { end_time: Date.parse(endedAt) }),
    ...(durationMs !== null && { duration: Math.round(durationMs) }),
  };
}

function endOf(event: CapsuleEvent): Ocsf {
  if (event.kind !== 'turn.ended') return {};
  const { reason, durationMs, error } = event.body;
  return {
    ...(reason === 'error' ? FAILURE : SUCCESS),
    status_code: reason,
    ...(error !== undefined && { status_detail: error }),
    ...(durationMs !== null && { duration: Math.round(durationMs) }),
  };
}

/** Whose words these are: of the user, the model, a tool, or the agent itself. */
const ROLES = {
  'prompt.submitted': { ai_role_id: 1, ai_role: 'User' },
  'agent.responded': { ai_role_id: 2, ai_role: 'Assistant' },
  'agent.reasoned': { ai_role_id: 2, ai_role: 'Assistant' },
  'tool.invoked': { ai_role_id: 3, ai_role: 'Tool' },
  'session.started': { ai_role_id: 4, ai_role: 'Agent' },
  'turn.ended': { ai_role_id: 4, ai_role: 'Agent' },
  'capture.gap': { ai_role_id: 4, ai_role: 'Agent' },
} as const;

function messageContext(event: CapsuleEvent): Ocsf {
  const text = event.kind === 'prompt.submitted' || event.kind === 'agent.responded' ? event.body.text : null;
  return {
    message_context: {
      uid: event.turn?.id ?? event.session.id,
      ...ROLES[event.kind],
      service: { name: 'Kiro' },
      ...(text !== null && { [event.kind === 'prompt.submitted' ? 'prompt_text' : 'response_text']: text }),
    },
  };
}

/** What of the body has gone into no attribute. */
function restOf(event: CapsuleEvent): Ocsf {
  const { kind, body } = event;
  if (kind === 'prompt.submitted' || kind === 'agent.responded') {
    const { text: _, ...rest } = body;
    return rest;
  }
  if (kind !== 'tool.invoked') return { ...body };
  const { arguments: given, ...rest } = body;
  return isObject(given) && !isShell(event) ? rest : { ...rest, arguments: given };
}

const userOf = ({ device }: CapsuleEvent): Ocsf => ({ name: device.user, type_id: 0, type: 'Unknown' });
const actorOf = (event: CapsuleEvent): Ocsf => ({ user: userOf(event), app_name: 'Kiro' });

const SYSTEMS = {
  ...{
    win32: { name: 'Windows', type_id: 100, type: 'Windows' },
    linux: { name: 'Linux', type_id: 200, type: 'Linux' },
  },
  darwin: { name: 'macOS', type_id: 300, type: 'macOS' },
} as const;
const osOf = ({ device }: CapsuleEvent): Ocsf => SYSTEMS[device.os];

const isObject = (value: Json): value is { [key: string]: Json } =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
