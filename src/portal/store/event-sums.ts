import type { CapsuleEvent, EventKind } from '../../core/event.ts';
import { headOf } from '../preview.ts';
import { turnKey } from './event-row.ts';

/** What an event adds to its turn. */
export function turnRow(org: string, event: CapsuleEvent) {
  const end = event.kind === 'turn.ended' ? event : undefined;
  return {
    org,
    session: event.session.id,
    key: turnKey(event),
    turn: event.turn?.id ?? null,
    index: event.turn?.index ?? null,
    ordinal: event.source.ordinal,
    time: event.time,
    ended: end?.time ?? null,
    reason: end?.body.reason ?? null,
    duration: end?.body.durationMs ?? null,
    credits: end?.body.credits ?? null,
    tools: Number(event.kind === 'tool.invoked'),
    failures: Number(failed(event)),
  };
}

/** What an event adds to its session. */
export function sessionRow(org: string, event: CapsuleEvent, isNewTurn: boolean) {
  const { session, workspace, device } = event;
  const is = (kind: EventKind) => Number(event.kind === kind);
  const prompt = event.kind === 'prompt.submitted' ? event.body.text : null;
  const end = event.kind === 'turn.ended' ? event.body : undefined;
  return {
    org,
    session: session.id,
    device: device.id,
    user: device.user,
    generation: session.generation,
    title: session.title,
    mode: session.mode,
    model: session.model,
    version: event.agent.version,
    workspace: workspace?.id ?? null,
    path: workspace?.path ?? null,
    name: workspace?.name ?? null,
    prompt: prompt === null ? null : headOf(prompt, 200),
    ordinal: prompt === null ? null : event.source.ordinal,
    time: event.time,
    turns: Number(isNewTurn && event.turn !== null),
    prompts: is('prompt.submitted'),
    responses: is('agent.responded'),
    reasonings: is('agent.reasoned'),
    tools: is('tool.invoked'),
    failures: Number(failed(event)),
    // A gap that nobody could count is in the timeline, and in no sum.
    lost: event.kind === 'capture.gap' ? (event.body.count ?? 0) : 0,
    credits: end?.credits ?? null,
    duration: end?.durationMs ?? null,
    redacted: Number(event.redactions.length > 0),
  };
}

const failed = (event: CapsuleEvent): boolean => event.kind === 'tool.invoked' && event.body.success === false;
