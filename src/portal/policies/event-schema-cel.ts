import { Environment } from '@marcbachmann/cel-js';
import { occurs } from './re2.ts';

const STRINGS = 'list<string>';

/** The shape of `event` for the type check. `facts` is typed whole, so a misspelt name is found; bodies are judged as they come. */
const EVENT = {
  schemaVersion: 'double',
  id: 'string',
  kind: 'string',
  time: 'string',
  session: 'map<string, dyn>',
  turn: 'dyn',
  workspace: 'dyn',
  agent: 'map<string, dyn>',
  device: 'map<string, dyn>',
  source: 'map<string, dyn>',
  redactions: 'list<map<string, dyn>>',
  truncated: 'list<map<string, dyn>>',
  body: 'map<string, dyn>',
  verdicts: STRINGS,
  facts: {
    version: 'double',
    op: 'string',
    command: 'string',
    script: 'string',
    programs: STRINGS,
    pipelines: STRINGS,
    paths: STRINGS,
    writes: STRINGS,
    deletes: STRINGS,
    downloads: STRINGS,
    runs: STRINGS,
    workspace: 'string',
    outside: 'bool',
    hosts: STRINGS,
    text: 'string',
    output: 'string',
    keys: STRINGS,
    hidden: 'double',
    incomplete: 'bool',
    changes: {
      mcpAdded: STRINGS,
      mcpChanged: STRINGS,
      steeringAdded: STRINGS,
      steeringChanged: STRINGS,
      hooksAdded: STRINGS,
      hooksChanged: STRINGS,
      trustAdded: STRINGS,
      contentLowered: 'bool',
    },
  },
} as const;

/** The name under which RE2 stands in for the library's own, backtracking `matches`. Unknown to who writes an expression. */
export const RE2_FUNCTION = '__re';

/** What an author's expression is checked in. */
export const AUTHORING: Environment = new Environment({
  unlistedVariablesAreDyn: false,
  enableOptionalTypes: true,
  limits: { maxAstNodes: 2_000, maxDepth: 60, maxListElements: 500, maxMapEntries: 100, maxCallArguments: 16 },
})
  .registerVariable({ name: 'event', schema: EVENT })
  .registerFunction('matches(string, string): bool', occurs);

/** What a rewritten expression runs in. */
export const RUNNING: Environment = AUTHORING.clone().registerFunction(`${RE2_FUNCTION}(dyn, dyn): bool`, matchText);

function matchText(text: unknown, pattern: unknown): boolean {
  if (typeof text !== 'string' || typeof pattern !== 'string') throw new TypeError('matches() takes a text');
  return occurs(text, pattern);
}
