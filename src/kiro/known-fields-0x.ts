/** Fields of Kiro 0.x's files that are known (kiro/README Z1, Z4, Z5, Z7, Z8), read by us or not: what is not here is another build's. */
interface Known {
  /** null: not looked into, because what is inside is the user's or a tool's. */
  readonly [field: string]: Known | null;
}

const named = (...names: string[]): Known => Object.fromEntries(names.map((name) => [name, null]));

const ACTION: Known = named(
  ...['type', 'executionId', 'actionId', 'actionType', 'actionState', 'chatSessionId', 'emittedAt', 'endTime'],
  ...['input', 'rawInput', 'output', 'toolOrigin', 'errorMessage', 'errorType', 'intentResult'],
);
const INPUT: Known = {
  data: {
    ...named('chatSessionId', 'messagesFromExecutionId', 'userPrompt', 'modelId', 'workspacePaths'),
    messages: named('role', 'content', 'id', 'isHidden'),
  },
  documents: null,
};
const EXECUTION: Known = {
  ...named('executionId', 'chatSessionId', 'workflowType', 'status', 'startTime', 'endTime', 'autonomyMode', 'result'),
  ...named('contextUsagePercentage', 'parentSessionIds', 'context'),
  input: INPUT,
  usageSummary: named('usage', 'unit', 'unitPlural', 'usedTools'),
  actions: ACTION,
};
const SESSION: Known = {
  ...named('sessionId', 'title', 'workspacePath', 'workspaceDirectory', 'selectedModel', 'defaultModelTitle'),
  ...named('autonomyMode', 'sessionType', 'contextUsagePercentage', 'config', 'active', 'hidden', 'dateCreated'),
  history: {
    ...named('executionId', 'contextItems', 'editorState'),
    message: named('role', 'id', 'content', 'isHidden'),
    promptLogs: named('modelTitle', 'prompt', 'completion', 'completionOptions'),
  },
};
const LIST: Known = named('sessionId', 'title', 'dateCreated', 'workspaceDirectory', 'hidden');
const INDEX: Known = { executions: named('executionId', 'type', 'status', 'startTime', 'endTime'), version: null };
const SNAPSHOT: Known = {
  ...named('executionId', 'actionId', 'context', 'validations'),
  chat: named('role', 'content'),
  metadata: named('modelId', 'modelProvider', 'workflow', 'workflowId', 'startTime', 'endTime'),
};

const MARKER: Known = named('migratedAt', 'v2SessionId', 'workspaceHash', 'v1WorkspaceDirectory', 'markerVersion');

const FILES = {
  execution: EXECUTION,
  session: SESSION,
  sessions: LIST,
  index: INDEX,
  '.chat': SNAPSHOT,
  migration: MARKER,
};

const NO_LIST: ReadList = { name: '', list: [], read: 0 };

/** More of them in one file are a hostile file's, not another build's. */
const MOST = 16;
const MAX_NAME = 64;

/** A list in a file, and how many of its items were of the shape we know. */
export interface ReadList {
  name: string;
  list: unknown;
  read: number;
}

/**
 * How often each field that no Kiro known to us writes stands in a file's JSON, by its path: `execution.actions.newField`. What
 * is no object where one is known, and items of `items` that were left out, count as `… (unreadable)`. Pure.
 */
export function unknownFields0x(
  file: keyof typeof FILES,
  value: unknown,
  items: ReadList = NO_LIST,
): Record<string, number> {
  const counts = new Map<string, number>();
  walk(file, value, FILES[file], (name) => {
    const short = name.slice(0, MAX_NAME);
    if (counts.has(short) || counts.size < MOST) counts.set(short, (counts.get(short) ?? 0) + 1);
  });
  const all = Array.isArray(items.list) ? items.list.length : 0;
  if (all > items.read) counts.set(`${items.name} (unreadable)`, all - items.read);
  return Object.fromEntries(counts);
}

function walk(name: string, value: unknown, known: Known, count: (name: string) => void): void {
  if (value === null || value === undefined) return;
  for (const item of Array.isArray(value) ? value : [value]) {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      count(`${name} (unreadable)`);
      continue;
    }
    for (const [field, inner] of Object.entries(item)) {
      const inside = Object.hasOwn(known, field) ? known[field] : undefined;
      if (inside === undefined) count(`${name}.${field}`);
      else if (inside !== null) walk(`${name}.${field}`, inner, inside, count);
    }
  }
}
