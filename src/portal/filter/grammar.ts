/** What a list can be narrowed by: one description for the page, the API and exports. Pure. */
import { EVENT_KINDS, GENERATIONS } from '../../core/event.ts';

/**
 * `text`: equals the value. `choice`: one of a few. `number`: `0`, `>5000`, `<=3`, and where `nonzero` is allowed, that.
 * `version`: `1.0.411` is that one, `<1.0.182` and `>=1.0` are those before and from there on.
 */
export interface Field {
  name: string;
  /** As it stands on the page. */
  label: string;
  kind: 'text' | 'choice' | 'number' | 'version';
  choices?: readonly string[];
  nonzero?: boolean;
  /** `/api/facets` knows values of it. */
  known?: boolean;
}

export interface Grammar {
  fields: readonly Field[];
  /** What rows can be ordered by; each has an index. */
  sorts: readonly string[];
}

const text = (name: string, label: string, known = false): Field => ({ name, label, kind: 'text', known });
const choice = (name: string, label: string, choices: readonly string[]): Field => ({
  name,
  label,
  kind: 'choice',
  choices,
});
const number = (name: string, label: string, nonzero = false): Field => ({ name, label, kind: 'number', nonzero });

const version = (name: string, label: string): Field => ({ name, label, kind: 'version' });

const KIND = choice('kind', 'Kind', EVENT_KINDS);
const GENERATION = choice('generation', 'Generation', GENERATIONS);
const USER = text('user', 'User', true);
const AGENT = text('agent', 'Agent', true);
const WORKSPACE = text('workspace', 'Workspace', true);
const TOOL = text('tool', 'Tool', true);
const MCP = text('mcp', 'MCP server', true);
const MODEL = text('model', 'Model', true);
const EXIT = number('exit', 'Exit code', true);
const REDACTION = text('redaction', 'Redaction rule', true);

export const EVENT_GRAMMAR: Grammar = {
  fields: [
    KIND,
    USER,
    AGENT,
    WORKSPACE,
    TOOL,
    MCP,
    choice('success', 'Success', ['true', 'false']),
    EXIT,
    number('duration', 'Duration (ms)'),
    REDACTION,
    MODEL,
    GENERATION,
    choice('has', 'Has', ['failure', 'detection', 'redaction']),
    text('session', 'Session'),
    text('turn', 'Turn'),
  ],
  sorts: [],
};

/** The kinds of what happens in a session, as the sessions list asks for them. */
export const ACTIVITIES = ['session', 'prompt', 'response', 'reasoning', 'tool'] as const;

export const SESSION_GRAMMAR: Grammar = {
  fields: [
    choice('activity', 'Activity type', ACTIVITIES),
    USER,
    AGENT,
    WORKSPACE,
    MODEL,
    text('mode', 'Mode', true),
    GENERATION,
    TOOL,
    MCP,
    EXIT,
    choice('has', 'Has', ['failure', 'detection', 'redaction', 'gap']),
    number('duration', 'Duration (ms)'),
    number('turns', 'Turns'),
    number('credits', 'Credits'),
  ],
  sorts: ['lastEvent', 'started', 'duration', 'turns', 'tools', 'failures', 'credits'],
};

export const AGENT_STATES = ['needs-attention', 'missing', 'quiet', 'waiting', 'reporting', 'revoked'] as const;

const HOUR_MS = 3_600_000;
/** Since when an agent has not been heard; each ends where the next begins. */
export const SEEN_WITHIN = [
  { name: 'hour', ms: HOUR_MS },
  { name: 'day', ms: 24 * HOUR_MS },
  { name: 'week', ms: 7 * 24 * HOUR_MS },
  { name: 'older', ms: null },
] as const;
export type SeenWithin = (typeof SEEN_WITHIN)[number]['name'];

export const AGENT_GRAMMAR: Grammar = {
  fields: [
    choice('state', 'State', AGENT_STATES),
    choice(
      'seen',
      'Last seen',
      SEEN_WITHIN.map(({ name }) => name),
    ),
    USER,
    AGENT,
    choice('os', 'System', ['darwin', 'linux', 'win32']),
    GENERATION,
    version('kiro', 'Kiro version'),
    version('version', 'Capsule version'),
    MCP,
    text('skill', 'Skill', true),
    text('steering', 'Steering file', true),
    number('coverage', 'Coverage (%)'),
    text('installer', 'Installer'),
    choice('has', 'Has', ['detection']),
  ],
  sorts: ['user', 'device', 'lastEvent', 'version', 'coverage'],
};

export const ACT_GRAMMAR: Grammar = {
  fields: [text('actor', 'Who'), text('act', 'Act'), text('object', 'Object')],
  sorts: [],
};

export const DETECTION_GRAMMAR: Grammar = {
  fields: [
    choice('state', 'State', ['open', 'in_review', 'closed', 'false_positive', 'withdrawn']),
    choice('severity', 'Severity', ['critical', 'high', 'medium', 'low']),
    text('policy', 'Policy'),
    USER,
    AGENT,
    text('workspace', 'Workspace'),
    text('session', 'Session'),
    text('event', 'Event'),
    text('assignee', 'Assignee'),
  ],
  sorts: ['time', 'severity'],
};
