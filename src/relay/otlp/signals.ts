const SPANLESS = new Set<string>(['session.started', 'capture.gap', 'probe']);
const MESSAGES = new Set<string>(['prompt.submitted', 'agent.responded', 'agent.reasoned']);

/** Whether an event of this kind becomes a log record; all others are told by spans. Pure. */
export function isSpanless(kind: string): boolean {
  return SPANLESS.has(kind);
}

/** Whether it is something that was said in a turn. Pure. */
export function isMessage(kind: string): boolean {
  return MESSAGES.has(kind);
}
