import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSessionMeta } from '../../src/kiro/session-meta-1x.ts';
import { parseSessionRecord } from '../../src/kiro/session-records-1x.ts';

const FIXTURES = path.join(import.meta.dirname, '..', 'fixtures', 'kiro-1.x');

function allLines(): string[] {
  const files = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.jsonl') && !/[\\/](?:cli|session-index)[\\/]/.test(name),
  );
  return files
    .flatMap((name) => readFileSync(path.join(FIXTURES, name), 'utf8').split(/\r?\n/))
    .filter((line) => line !== '');
}

describe('a line of messages.jsonl', () => {
  test('is known, for every line of every fixture but the invented future one and the broken ones', () => {
    const unknown = new Set<string>();
    let broken = 0;
    for (const line of allLines()) {
      const record = parseSessionRecord(line);
      if (record === null) broken += 1;
      else if (record.payload.type === 'unknown') unknown.add(record.payload.name);
      else expect(record).toMatchObject({ id: expect.any(String), time: expect.stringMatching(/Z$/) });
    }
    expect(unknown).toEqual(new Set(['future_payload']));
    expect(broken).toBe(2);
  });

  test.each(['', 'null', '[]', '"text"', '{}', '{"payload":{}}', '{"payload":{"type":1}}', '{"id":"x"', '{not json}'])(
    'that is no record gives null: %j',
    (line) => expect(parseSessionRecord(line)).toBeNull(),
  );

  test('of an unknown type gives its name, cut to a readable length', () => {
    expect(parseSessionRecord('{"payload":{"type":"Future"}}')?.payload).toEqual({ type: 'unknown', name: 'Future' });
    const long = parseSessionRecord(JSON.stringify({ payload: { type: 'x'.repeat(1000) } }));
    expect(long?.payload).toEqual({ type: 'unknown', name: 'x'.repeat(64) });
  });

  test('of a known type without what makes it usable is told apart from an unknown type', () => {
    const payload = parseSessionRecord('{"payload":{"type":"tool_call","toolName":"x"}}')?.payload;
    expect(payload).toEqual({ type: 'unknown', name: 'tool_call (unreadable)' });
  });

  test('loses one field of an odd shape, not the record', () => {
    const odd = {
      id: 7,
      timestamp: 'yesterday',
      payload: { type: 'tool_result', toolCallId: 'c', success: 'yes', durationMs: -1 },
    };
    expect(parseSessionRecord(JSON.stringify(odd))).toEqual({
      id: null,
      time: null,
      payload: { type: 'tool_result', toolCallId: 'c', success: undefined, durationMs: undefined },
      unknownFields: [],
    });
  });

  test('names the fields that no known Kiro writes, and keeps the record', () => {
    const newer = { id: 'a', timestamp: 0, payload: { type: 'turn_end', executionId: 'e', later: 1 }, seq: 4 };
    expect(parseSessionRecord(JSON.stringify(newer))?.unknownFields).toEqual(['.seq', 'turn_end.later']);
    expect(parseSessionRecord('{"payload":{"type":"Future","x":1}}')?.unknownFields).toEqual([]);
    const many = { payload: { type: 'system', ...Object.fromEntries([...'abcdefghijkl'].map((name) => [name, 1])) } };
    expect(parseSessionRecord(JSON.stringify(many))?.unknownFields).toHaveLength(8);
    const long = { payload: { type: 'system', ['x'.repeat(1000)]: 1 } };
    expect(parseSessionRecord(JSON.stringify(long))?.unknownFields[0]).toHaveLength(64);
  });

  test.each([
    'recorded-ide-1.0.411',
    'synthetic/dot-kiro/sessions/4f15e4aa9286a8f3/sess_33333333-3333-4333-8333-333333333333',
  ])('has no field that is unknown in %s', (place) => {
    const file = path.join(import.meta.dirname, '..', 'fixtures', 'kiro-1.x', place, 'messages.jsonl');
    const fields = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .flatMap((text) => parseSessionRecord(text)?.unknownFields ?? []);
    expect(fields).toEqual([]);
  });

  test('has its time in UTC with milliseconds, however it was written', () => {
    const at = (timestamp: unknown) =>
      parseSessionRecord(JSON.stringify({ timestamp, payload: { type: 'system' } }))?.time;
    expect(at('2026-09-01T12:00:00+02:00')).toBe('2026-09-01T10:00:00.000Z');
    expect(at(1_788_256_800_000)).toBe(new Date(1_788_256_800_000).toISOString());
    expect(at(1e300)).toBeNull();
  });

  test('never throws, whatever it holds', () => {
    const types = fc.constantFrom(
      'user',
      'assistant',
      'tool_call',
      'usage_summary',
      'pending_interaction',
      'error',
      'x',
    );
    const payload = fc.dictionary(
      fc.constantFrom('_meta', 'executionId', 'content', 'promptTurnSummaries', 'toolCallId'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(types, payload, fc.string(), (type, fields, text) => {
        expect(parseSessionRecord(JSON.stringify({ payload: { ...fields, type } }))?.payload.type).toBeDefined();
        expect(() => parseSessionRecord(text)).not.toThrow();
      }),
    );
  });
});

describe('session.json', () => {
  test('gives what it says', () => {
    const json = readFileSync(path.join(FIXTURES, 'recorded-ide-1.0.411', 'session.json'), 'utf8');
    expect(parseSessionMeta(json)).toEqual({
      title: 'Create and Modify Hello World Python',
      mode: 'vibe',
      model: 'auto',
      workspacePaths: ['c:\\Users\\dev\\workspace\\demo'],
      createdAt: '2026-09-03T11:59:19.000Z',
    });
  });

  test('may lack everything but the workspaces, which decide what may leave', () => {
    expect(parseSessionMeta('{"workspacePaths":[],"title":7}')).toEqual({
      title: null,
      mode: null,
      model: null,
      workspacePaths: [],
      createdAt: null,
    });
    for (const json of ['', '{', '{}', '{"workspacePaths":"x"}', '[]']) expect(parseSessionMeta(json)).toBeNull();
  });
});
