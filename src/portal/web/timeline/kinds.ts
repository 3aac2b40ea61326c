import type { EventKind } from '../../../core/event.ts';
import type { IconName } from '../icon.tsx';

/** What each kind of event is called, and the shape beside the word. */
export const KINDS: Readonly<Record<EventKind, { icon: IconName; label: string }>> = {
  'session.started': { icon: 'session', label: 'Session started' },
  'prompt.submitted': { icon: 'prompt', label: 'Prompt' },
  'agent.responded': { icon: 'response', label: 'Response' },
  'agent.reasoned': { icon: 'reasoning', label: 'Reasoning' },
  'tool.invoked': { icon: 'tool', label: 'Tool' },
  'turn.ended': { icon: 'turn-end', label: 'Turn ended' },
  'capture.gap': { icon: 'gap', label: 'Gap' },
};
