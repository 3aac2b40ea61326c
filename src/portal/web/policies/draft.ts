import type { CapsuleEvent } from '../../../core/event.ts';
import type { Description, Sequence, Severity, Targets } from '../../policies/policy.ts';
import type { PolicyDraft } from '../../policies/records.ts';

/** A policy as it stands in the form; `note` says why it is saved. */
export interface Draft {
  name: string;
  severity: Severity;
  description: Description;
  expression: string | null;
  sequence: Sequence | null;
  targets: Targets;
  enabled: boolean;
  note: string;
}
export interface Problem {
  /** `expression`, `steps.0.expression`, `steps.0.keys`, `reset`. */
  field: string;
  message: string;
  line: number;
  column: number;
  start: number;
  end: number;
}

const NOBODY_LEFT_OUT: Targets = { agents: [], users: [], workspaces: [] };
const NOTHING_SAID: Description = { finds: '', why: '', falsePositives: '', attack: [], atlas: [], owasp: [] };

/** A new one, with a beginning that already means something. */
export const EMPTY_DRAFT: Draft = {
  name: '',
  severity: 'medium',
  description: NOTHING_SAID,
  expression: 'event.kind == "tool.invoked" &&\nevent.facts.programs.exists(p, p == "make")',
  sequence: null,
  targets: NOBODY_LEFT_OUT,
  enabled: false,
  note: '',
};

/** A rule that finds what is like this event at first sight: something to begin with. Pure. */
export function likeEvent(event: CapsuleEvent): string {
  const kind = `event.kind == ${JSON.stringify(event.kind)}`;
  return event.kind === 'tool.invoked' ? `${kind} &&\nevent.body.name == ${JSON.stringify(event.body.name)}` : kind;
}

/** The stored policy as the form's beginning. */
export const draftOf = ({
  name,
  severity,
  description,
  expression,
  sequence,
  targets,
  enabled,
}: PolicyDraft): Draft => ({
  ...{ name, severity, description, expression, sequence, targets, enabled, note: '' },
});

/** A built-in policy under a new name, to be changed. */
export const copyOf = (policy: PolicyDraft): Draft => ({
  ...draftOf(policy),
  name: `${policy.name} (ours)`,
  note: `Copied from “${policy.name}”`,
});

/** What is wrong with a form, by the field; nothing when it may be sent. Pure. */
export function draftProblems(draft: Draft): Partial<Record<'name' | 'note' | 'rule', string>> {
  const texts =
    draft.sequence === null ? [draft.expression ?? ''] : draft.sequence.steps.map((step) => step.expression);
  return {
    ...(draft.name.trim() === '' && { name: 'Give it a name that says what it finds' }),
    ...(draft.note.trim() === '' && { note: 'Say why: whoever reads the versions later wants to know' }),
    ...(texts.some((text) => text.trim() === '') && { rule: 'Write what an event must be like' }),
  };
}

/** Whether something would be lost. Pure. */
export const isChanged = (draft: Draft, before: Draft): boolean =>
  JSON.stringify({ ...draft, note: '' }) !== JSON.stringify({ ...before, note: '' });
