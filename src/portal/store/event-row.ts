import type { CapsuleEvent } from '../../core/event.ts';

export type Value = string | number | null;

/** The columns that `eventRow` fills, in its order. */
export const EVENT_COLUMNS =
  'org_id event_id kind time session_id turn_key ordinal workspace_id workspace_name device_id user generation model tool mcp_server success exit_code duration_ms rules position received_at event'.split(
    ' ',
  );

/** What belongs to no turn stands alone in the timeline. The space keeps it apart: ids have none. */
export const turnKey = (event: CapsuleEvent): string => event.turn?.id ?? ` ${event.id}`;

/** The event with what lists filter by beside it, and its place in the chain, in the order of `EVENT_COLUMNS`. */
export function eventRow(org: string, event: CapsuleEvent, json: string, at: string, position: number): Value[] {
  const { id, kind, time, session, source, workspace, device } = event;
  const tool = event.kind === 'tool.invoked' ? event.body : undefined;
  const duration = event.kind === 'turn.ended' ? event.body.durationMs : (tool?.durationMs ?? null);
  return [
    ...[org, id, kind, time, session.id, turnKey(event), source.ordinal],
    ...[workspace?.id ?? null, workspace?.name ?? null, device.id, device.user, session.generation, session.model],
    ...[tool?.name ?? null, tool?.mcpServer ?? null, tool === undefined ? null : asNumber(tool.success)],
    ...[tool?.exitCode ?? null, duration, rulesOf(event), position, at, json],
  ];
}

const asNumber = (value: boolean | null): number | null => (value === null ? null : Number(value));

/** ` rule rule `, so that one rule can be looked for between spaces; null when nothing was taken out. */
function rulesOf({ redactions }: CapsuleEvent): string | null {
  const rules = new Set(redactions.map(({ rule }) => rule));
  return rules.size === 0 ? null : ` ${[...rules].join(' ')} `;
}
