import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { agentStorage } from '../../src/kiro/places-0x.ts';
import { checkEvent } from '../../src/portal/event-schema.ts';
import { FIXTURES_0X, type GivenStore, givenStore, WORKSPACE } from './given-store-0x.ts';

/**
 * Every event of every fixture of Kiro 0.x, as one file each. `GOLDEN=write` writes them anew; what that changes is to be read
 * line by line before it is committed.
 */
const GOLDEN = path.join(FIXTURES_0X, 'golden');
const TOLERANCE = path.join(FIXTURES_0X, 'tolerance');
const LONG_AGO = new Date('2026-09-01T00:00:00.000Z');

/** One of them, which say nothing of a workspace: without one no text of theirs would leave. */
type Named = { executionId: string; input: { data?: object } };

function expectGolden(name: string, events: readonly CapsuleEvent[]): void {
  for (const event of events) expect(checkEvent(JSON.parse(JSON.stringify(event)))).toEqual({ event });
  // What every event says alike is said once, by other tests.
  const told = events.map(({ device: _device, agent: _agent, schemaVersion: _version, ...event }) => event);
  const file = path.join(GOLDEN, `${name}.json`);
  if (process.env.GOLDEN === 'write') {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(file, `${JSON.stringify(told, null, 2)}\n`);
  }
  expect(JSON.parse(JSON.stringify(told))).toEqual(JSON.parse(readFileSync(file, 'utf8')));
}

function put(store: GivenStore, fixture: string, ...target: string[]): void {
  const file = path.join(agentStorage(store.userData), ...target);
  mkdirSync(path.dirname(file), { recursive: true });
  cpSync(path.join(TOLERANCE, fixture), file);
  utimesSync(file, LONG_AGO, LONG_AGO);
}

const EXECUTIONS = readdirSync(TOLERANCE).filter((name) => name.startsWith('exec'));

describe('every event of the files of Kiro 0.x', () => {
  test('with other names than Kiro’s: there are six executions', () => {
    expect(EXECUTIONS).toHaveLength(6);
  });

  test.each(EXECUTIONS)('with other names than Kiro’s: %s', async (name) => {
    const store = givenStore();
    const execution = JSON.parse(readFileSync(path.join(TOLERANCE, name), 'utf8')) as Named;
    execution.input.data = { ...execution.input.data, workspacePaths: [WORKSPACE] };
    store.write(execution, LONG_AGO);
    const { events, skipped, unknown } = await store.sweep();
    expectGolden(path.basename(name, '.json'), events);
    expect({ skipped, unknown }).toEqual({ skipped: 0, unknown: {} });
  });

  test('with other names than Kiro’s: a snapshot', async () => {
    const store = givenStore();
    const list = path.join(agentStorage(store.userData), 'workspace-sessions', 'any', 'sessions.json');
    mkdirSync(path.dirname(list));
    writeFileSync(list, JSON.stringify([{ sessionId: 's', workspaceDirectory: WORKSPACE }]));
    put(store, 'legacy_session.chat', path.basename(path.dirname(store.saves)), 'a.chat');
    const { events, skipped, unknown } = await store.sweep();
    expectGolden('legacy_session', events);
    expect({ skipped, unknown }).toEqual({ skipped: 0, unknown: {} });
  });

  test('that name no execution: a chat and its list', async () => {
    const store = givenStore();
    put(store, 'sessions.json', 'workspace-sessions', 'any', 'sessions.json');
    put(store, 'workspace_session.json', 'workspace-sessions', 'any', 'session-ws-001.json');
    const { events, skipped, unknown } = await store.sweep();
    expectGolden('workspace_session', events);
    expect({ skipped, unknown }).toEqual({ skipped: 0, unknown: {} });
  });

  test('that were invented to hold everything: a whole store', async () => {
    const store = givenStore(true);
    const chats = path.join(agentStorage(store.userData), 'workspace-sessions', 'L2hvbWUvZGV2L2RlbW8tYXBw');
    for (const name of readdirSync(chats)) utimesSync(path.join(chats, name), LONG_AGO, LONG_AGO);
    const { events, skipped, unknown } = await store.sweep();
    expectGolden('synthetic', events);
    expect({ skipped, unknown }).toEqual({ skipped: 1, unknown: {} });
  });

  test('stand beside a fixture each', () => {
    expect(existsSync(GOLDEN) && readdirSync(GOLDEN)).toHaveLength(EXECUTIONS.length + 3);
  });
});
