import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type InventoryPrint, inventoryChanges, printInventory } from '../../src/capture/inventory-changes.ts';
import type { Inventory } from '../../src/core/event.ts';
import { EMPTY_INVENTORY, givenContext, givenSession, line, ofKind, readAll } from './given-session.ts';

const skill = (name: string, sha256 = 'a') => ({ name, scope: 'user' as const, description: null, sha256 });
const trust = (pattern: string) => ({
  source: 'permissions.yaml',
  scope: 'workspace' as const,
  kind: 'command' as const,
  effect: 'allow' as const,
  pattern,
  ours: false,
});
const withSkills = (...skills: ReturnType<typeof skill>[]): Inventory => ({ ...EMPTY_INVENTORY, skills });
const between = (before: Inventory, after: Inventory) =>
  inventoryChanges(printInventory(before, 'redacted'), printInventory(after, 'redacted'));

describe('what changed between two inventories', () => {
  test('is what was added, taken away, and what has other content', () => {
    expect(
      between(withSkills(skill('a'), skill('b'), skill('c')), withSkills(skill('b', 'z'), skill('c'), skill('d'))),
    ).toEqual([
      { what: 'skill', name: 'a', scope: 'user', change: 'removed' },
      { what: 'skill', name: 'b', scope: 'user', change: 'changed' },
      { what: 'skill', name: 'd', scope: 'user', change: 'added' },
    ]);
  });

  test('tells entries of one name apart by what they are and where they are', () => {
    const hook = { name: 'x', scope: 'workspace' as const, trigger: 'Stop', action: 'a', sha256: 'h', ours: false };
    const agent = { name: 'x', scope: 'user' as const, sha256: 'h' };
    expect(between(EMPTY_INVENTORY, { ...EMPTY_INVENTORY, hooks: [hook], customAgents: [agent] })).toEqual([
      { what: 'customAgent', name: 'x', scope: 'user', change: 'added' },
      { what: 'hook', name: 'x', scope: 'workspace', change: 'added' },
    ]);
  });

  test('is nothing for the same entries in another order', () => {
    const entries = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2')), { maxLength: 8 });
    fc.assert(
      fc.property(entries, (list) => {
        const skills = list.map(([name, sha256]) => skill(name, sha256));
        expect(between(withSkills(...skills), withSkills(...skills.toReversed()))).toEqual([]);
      }),
    );
  });

  test('keeps no command at level metadata, and still sees that one changed', () => {
    const [before, after] = ['npm test', 'npm *'].map((pattern) =>
      printInventory({ ...EMPTY_INVENTORY, trust: [trust(pattern)] }, 'metadata'),
    );
    expect(JSON.stringify([before, after])).not.toContain('npm');
    expect(inventoryChanges(before ?? [], after ?? [])).toEqual([
      { what: 'trust', name: '', scope: 'workspace', change: 'changed' },
    ]);
  });
});

describe('the start of a session', () => {
  const PROMPT = line('u1', { type: 'user', content: 'Hello' });
  const memory = () => {
    const kept = new Map<string | null, InventoryPrint>();
    return {
      kept,
      inventories: {
        last: (id: string | null) => kept.get(id) ?? null,
        note: (id: string | null, print: InventoryPrint) => void kept.set(id, print),
      },
    };
  };
  const startIn = async (context: ReturnType<typeof givenContext>, workspacePaths = ['/home/dev/demo']) =>
    ofKind((await readAll(givenSession(PROMPT, { workspacePaths }), null, context)).events, 'session.started')[0]?.body
      .changed;

  test('says what changed since the last one of the same workspace, and nothing of the first', async () => {
    const { inventories } = memory();
    let now = withSkills(skill('a'));
    const context = givenContext({ inventories, inventory: async () => now });
    expect(await startIn(context)).toBeUndefined();
    expect(await startIn(context)).toEqual([]);
    now = withSkills(skill('a'), skill('b'));
    expect(await startIn(context, ['/home/dev/other'])).toBeUndefined();
    expect(await startIn(context)).toEqual([{ what: 'skill', name: 'b', scope: 'user', change: 'added' }]);
  });

  test('names and keeps no secret that stands in a trusted command', async () => {
    const { inventories, kept } = memory();
    const secret = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
    let now = EMPTY_INVENTORY;
    const context = givenContext({ inventories, inventory: async () => now });
    await startIn(context);
    now = { ...EMPTY_INVENTORY, trust: [trust(`deploy --token ${secret}`)] };
    const changed = await startIn(context);
    expect(changed).toMatchObject([{ what: 'trust', change: 'added' }]);
    expect(JSON.stringify([changed, [...kept]])).not.toContain(secret);
  });
});
