import { describe, expect, test } from '@jest/globals';
import {
  approvalWords,
  mainArgument,
  outcomeOf,
  type ToolBody,
  toolName,
} from '../../../src/portal/web/timeline/tool-summary.ts';
import { makeEvent } from '../../helpers/portal-events.ts';

const body = (given: Partial<ToolBody>): ToolBody => makeEvent('tool.invoked', { body: given }).body;

test('a tool of an MCP server is named with its server', () => {
  expect(toolName(body({ name: 'create_issue', mcpServer: 'jira' }))).toBe('jira › create_issue');
});

describe('the line of a call', () => {
  test.each<[string, ToolBody['arguments'], string | null]>([
    ['its command', { cwd: '/x', command: 'npm  test\n' }, 'npm test'],
    ['its path', { start: 1, path: 'src/a.ts' }, 'src/a.ts'],
    ['its first text where nothing better is known', { n: 1, other: 'text' }, 'text'],
    ['its path from the workspace on', { path: '/home/dev/demo/src/a.ts' }, 'src/a.ts'],
    ['its whole path outside', { path: '/home/dev/demo2/a.ts' }, '/home/dev/demo2/a.ts'],
    ['the text itself', 'raw', 'raw'],
    ['nothing', { n: 1 }, null],
    ['nothing for a list', ['a'], null],
    ['nothing for null', null, null],
  ])('shows %s', (_what, args, line) => {
    expect(mainArgument(body({ arguments: args }), '/home/dev/demo')).toBe(line);
  });

  test('is cut when it is long', () => {
    expect(mainArgument(body({ arguments: { command: 'x'.repeat(1_000) } }), null)).toHaveLength(161);
  });
});

test.each<[Partial<ToolBody>, string, string]>([
  [{ success: true, exitCode: 0 }, 'good', 'exit 0'],
  [{ success: null, exitCode: 137 }, 'bad', 'exit 137'],
  [{ success: false, exitCode: null }, 'bad', 'failed'],
  [{ success: true, exitCode: null }, 'good', 'ok'],
  [{ success: null, exitCode: null }, 'unknown', 'outcome unknown'],
  [{ success: false, exitCode: null, approval: 'rejected' }, 'bad', 'rejected'],
])('%j is %s: %s', (given, outcome, words) => {
  expect(outcomeOf(body(given))).toEqual({ outcome, words });
});

test('an approval that Kiro does not record is not guessed', () => {
  expect(approvalWords(body({ approval: null }))).toBeNull();
  expect(approvalWords(body({ approval: 'auto' }))).toBe('ran without asking');
});
