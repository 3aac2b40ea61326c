import type { Generation } from '../core/event.ts';

/** What a Kiro writes down of a session, and what it does not: the second is `null` in our events, or missing. */
export interface KiroRecords {
  /** The versions this is known of. */
  versions: string;
  records: readonly string[];
  lacks: readonly string[];
}

/** The same table as in kiro/README, which a test compares. Rows S and their like say how each was seen. */
export const KIRO_RECORDS: { readonly [G in Exclude<Generation, 'unknown'>]: KiroRecords } = {
  'ide-0.x': {
    versions: '0.x',
    records: [
      'prompts',
      'answers',
      'reasoning text',
      'tool calls with arguments and results',
      'exit codes',
      'which MCP server ran a tool',
      'how a turn ended and its length',
      'credits',
      'context use',
    ],
    lacks: [
      'time of a prompt',
      'time of an answer without an execution, and the end of its turn',
      'start of a tool call',
      'who allowed or refused a call',
      'tokens of a turn',
      'its own version',
      'sessions without a folder',
      'which skills and MCP servers were really loaded',
    ],
  },
  'ide-1.x': {
    versions: '1.x',
    records: [
      'prompts with time and steering',
      'answers',
      'that the model reasoned',
      'tool calls with arguments and text results',
      'answers, reasoning and tool calls of sub-agents',
      'asked approvals',
      'how a turn ended and its length',
      'credits',
      'context use',
      'shown errors',
    ],
    lacks: [
      'reasoning text',
      'start of a tool call',
      'exit codes as numbers',
      'outputs of tools that the client runs',
      'why a call that was not asked about was allowed',
      'tokens',
      'its own version',
      'which skills, steering and MCP servers were really loaded',
    ],
  },
  'cli-2': {
    versions: '2.x',
    records: [
      'prompts with time',
      'answers',
      'reasoning text',
      'tool calls with arguments and results',
      'exit status of commands',
      'which MCP server ran a tool',
      'length and end of a turn',
      'credits',
      'context use',
    ],
    lacks: ['time of an answer or a tool call (the database: of a call)', 'approvals', 'tokens', 'its own version'],
  },
  'cli-3': {
    versions: '3.x',
    records: ['the same as Kiro IDE 1.x, in the same store'],
    lacks: ['the same as Kiro IDE 1.x', 'that it was the CLI, but for sessions taken over from CLI 2'],
  },
};

/** A type rather than an interface, so that it counts as JSON. */
export type KiroHere = {
  generation: keyof typeof KIRO_RECORDS;
  version: string | null;
};

/** What the Kiros found on a machine record and do not record. Pure. */
export function recordsOf(found: readonly KiroHere[]): (KiroHere & { records: string[]; lacks: string[] })[] {
  return found.map(({ generation, version }) => {
    const { records, lacks } = KIRO_RECORDS[generation];
    return { generation, version, records: [...records], lacks: [...lacks] };
  });
}
