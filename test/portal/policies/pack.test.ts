import { readdirSync, readFileSync } from 'node:fs';
import { celEnv, parse, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { describe, expect, test } from '@jest/globals';
import { compileExpression, isProblem } from '../../../src/portal/policies/expression.ts';
import { type JudgedEvent, judgedEvent } from '../../../src/portal/policies/judged-event.ts';
import { loadPack } from '../../../src/portal/policies/pack.ts';
import { readShort } from '../../helpers/short-events.ts';

const pack = await loadPack();
const policies = pack.flatMap((each) => (each.expression === null ? [] : [each]));
const judged = (short: string): JudgedEvent => {
  const { event, before } = readShort(short);
  return judgedEvent(event, before);
};
const program = (expression: string) => {
  const made = compileExpression(expression);
  if (isProblem(made)) throw new Error(`${made.message} at ${made.line}:${made.column}\n${expression}`);
  return made;
};

describe('the pack', () => {
  test('has 37 policies and 7 sequences, 36 policies on', () => {
    expect(policies).toHaveLength(37);
    expect(pack).toHaveLength(44);
    expect(policies.filter(({ enabled }) => enabled)).toHaveLength(36);
    expect(new Set(pack.map(({ id }) => id)).size).toBe(44);
  });

  test.each(policies.map((policy) => [policy.id, policy] as const))(
    '%s finds its examples and leaves the others alone',
    (_id, policy) => {
      const { evaluate, kinds } = program(policy.expression);
      expect(policy.matches.length).toBeGreaterThanOrEqual(2);
      expect(policy.benign.length).toBeGreaterThanOrEqual(2);
      const verdict = (short: string) => [short, evaluate(judged(short))];
      expect(policy.matches.map(verdict)).toEqual(policy.matches.map((short) => [short, true]));
      expect(policy.benign.map(verdict)).toEqual(policy.benign.map((short) => [short, false]));
      for (const short of policy.matches) expect(kinds ?? [judged(short).kind]).toContain(judged(short).kind);
    },
  );

  test('a benign example of one policy raises no other of high severity', () => {
    const severe = policies.filter(
      ({ severity, enabled }) => enabled && (severity === 'high' || severity === 'critical'),
    );
    const raised = policies.flatMap(({ benign }) =>
      benign.flatMap((short) =>
        severe
          .filter(({ expression }) => program(expression).evaluate(judged(short)) === true)
          .map(({ id }) => `${id}: ${short}`),
      ),
    );
    expect(raised).toEqual([]);
  });

  test('is judged the same by a second engine', () => {
    const env = celEnv({ funcs: [...strings] });
    const shorts = policies.flatMap(({ matches, benign }) => [...matches, ...benign]);
    const events = shorts.map((short) => ({ short, event: judged(short) }));
    const differences = policies.flatMap(({ id, expression }) => {
      const other = plan(env, parse(expression));
      const ours = program(expression);
      return events.flatMap(({ short, event }) => {
        const theirs = other({ event: event as never });
        const own = outcome(() => ours.evaluate(event));
        const same = own === 'failed' ? typeof theirs !== 'boolean' : theirs === own;
        return same ? [] : [`${id} on ${short}: ${String(theirs)} and ${String(own)}`];
      });
    });
    expect(differences).toEqual([]);
    expect(events.length * policies.length).toBeGreaterThan(5_000);
  });
});

const outcome = (work: () => unknown): unknown => {
  try {
    return work();
  } catch {
    return 'failed';
  }
};

test('the library makes a backtracking pattern in one place only, the one that is replaced', () => {
  const folder = new URL('../../../node_modules/@marcbachmann/cel-js/lib/', import.meta.url);
  const uses = readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .flatMap((name) => readFileSync(new URL(name, folder), 'utf8').match(/new RegExp\(|RegExp\(/g) ?? []);
  expect(uses).toHaveLength(1);
});
