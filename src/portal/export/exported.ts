import type { CapsuleEvent, Json } from '../../core/event.ts';
import type { Act } from '../administration-answers.ts';
import type { AgentSummary, SessionSummary } from '../answers.ts';
import type { StoredDetection } from '../policies/records.ts';
import type { StoredEvent } from '../store/store.ts';
import type { Cell } from './csv.ts';

/** What can be exported as CSV: the name of each column and its cell of a row. */
export type Columns<T> = readonly (readonly [name: string, cell: (row: T) => Cell])[];

const tool = (event: CapsuleEvent) => (event.kind === 'tool.invoked' ? event.body : undefined);
const json = (value: Json | undefined): string | null =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : JSON.stringify(value);

export const EVENT_COLUMNS: Columns<StoredEvent> = [
  ['time', ({ event }) => event.time],
  ['kind', ({ event }) => event.kind],
  ['user', ({ event }) => event.device.user],
  ['agent', ({ event }) => event.device.id],
  ['workspace', ({ event }) => event.workspace?.path ?? null],
  ['session', ({ event }) => event.session.id],
  ['turn', ({ event }) => event.turn?.id ?? null],
  ['generation', ({ event }) => event.session.generation],
  ['model', ({ event }) => event.session.model],
  ['text', ({ event }) => ('text' in event.body ? event.body.text : null)],
  ['tool', ({ event }) => tool(event)?.name ?? null],
  ['mcp_server', ({ event }) => tool(event)?.mcpServer ?? null],
  ['arguments', ({ event }) => json(tool(event)?.arguments)],
  ['result', ({ event }) => json(tool(event)?.result)],
  ['success', ({ event }) => tool(event)?.success ?? null],
  ['exit_code', ({ event }) => tool(event)?.exitCode ?? null],
  ['duration_ms', ({ event }) => ('durationMs' in event.body ? event.body.durationMs : null)],
  ['approval', ({ event }) => tool(event)?.approval ?? null],
  ['redactions', ({ event }) => event.redactions.map(({ rule }) => rule).join(' ') || null],
  ['id', ({ event }) => event.id],
  ['received_at', ({ receivedAt }) => receivedAt],
  ['chain_position', ({ position }) => position],
];

const sayChange = ({ what, before, after }: NonNullable<Act['changes']>[number]): string =>
  `${what}: ${before ?? '–'} → ${after ?? '–'}`;

export const ACT_COLUMNS: Columns<Act> = [
  ['time', ({ time }) => time],
  ['actor', ({ actor }) => actor],
  ['act', ({ act }) => act],
  ['object', ({ object }) => object],
  ['changes', ({ changes }) => changes?.map(sayChange).join('; ') ?? null],
  ['from', ({ from }) => from],
  ['client', ({ client }) => client],
];

export const SESSION_COLUMNS: Columns<SessionSummary> = [
  ['started_at', ({ startedAt }) => startedAt],
  ['last_event_at', ({ lastEventAt }) => lastEventAt],
  ['session', ({ id }) => id],
  ['title', ({ title }) => title],
  ['first_prompt', ({ firstPrompt }) => firstPrompt],
  ['user', ({ device }) => device.user],
  ['agent', ({ device }) => device.id],
  ['workspace', ({ workspace }) => workspace?.path ?? null],
  ['generation', ({ generation }) => generation],
  ['model', ({ model }) => model],
  ['mode', ({ mode }) => mode],
  ['turns', ({ turns }) => turns],
  ['prompts', ({ prompts }) => prompts],
  ['responses', ({ responses }) => responses],
  ['reasonings', ({ reasonings }) => reasonings],
  ['tools', ({ tools }) => tools],
  ['tool_failures', ({ toolFailures }) => toolFailures],
  ['duration_ms', ({ durationMs }) => durationMs],
  ['credits', ({ credits }) => credits],
  ['lost', ({ lost }) => lost],
  ['detections', ({ detections }) => detections],
];

export const DETECTION_COLUMNS: Columns<StoredDetection> = [
  ['time', ({ time }) => time],
  ['severity', ({ severity }) => severity],
  ['policy', ({ policyName }) => policyName],
  ['policy_id', ({ policy }) => policy],
  ['policy_version', ({ policyVersion }) => policyVersion],
  ['state', ({ state }) => state],
  ['reason', ({ reason }) => reason],
  ['assignee', ({ assignee }) => assignee],
  ['user', ({ user }) => user],
  ['agent', ({ agent }) => agent],
  ['workspace', ({ workspace }) => workspace],
  ['session', ({ session }) => session],
  ['event', ({ event }) => event],
  ['retrospective', ({ retrospective }) => retrospective],
  ['found_at', ({ foundAt }) => foundAt],
  ['changed_at', ({ changedAt }) => changedAt],
  ['id', ({ id }) => id],
];

export const AGENT_COLUMNS: Columns<AgentSummary> = [
  ['user', ({ user }) => user],
  ['device', ({ name }) => name],
  ['agent', ({ id }) => id],
  ['state', ({ state }) => state],
  ['attention', ({ attention }) => attention],
  ['os', ({ os }) => os],
  ['kiro', ({ kiro }) => kiro.map(({ generation, version }) => `${generation} ${version ?? ''}`.trim()).join('; ')],
  ['capsule', ({ agentVersion }) => agentVersion],
  ['attached', ({ attachments }) => attachments?.attached ?? null],
  ['known', ({ attachments }) => attachments?.known ?? null],
  ['events', ({ events }) => events],
  ['enrolled_at', ({ enrolledAt }) => enrolledAt],
  ['last_seen_at', ({ lastSeenAt }) => lastSeenAt],
  ['last_event_at', ({ lastEventAt }) => lastEventAt],
];
