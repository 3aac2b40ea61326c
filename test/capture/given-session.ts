import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CaptureContext } from '../../src/capture/capture-context.ts';
import { readSession, type SessionRead } from '../../src/capture/read-session.ts';
import { createRedactor } from '../../src/capture/redact.ts';
import type { SessionCursor } from '../../src/capture/session-cursor.ts';
import type { CapsuleEvent, EventKind, EventOf, Inventory } from '../../src/core/event.ts';
import type { Host } from '../../src/core/host.ts';
import type { SessionFolder } from '../../src/kiro/session-folders-1x.ts';
import { tempHost } from '../helpers/temp-home.ts';

export const FIXTURES = path.join(import.meta.dirname, '..', 'fixtures', 'kiro-1.x');
export const RECORDED = path.join(FIXTURES, 'recorded-ide-1.0.411');
export const DOT_KIRO = path.join(FIXTURES, 'synthetic', 'dot-kiro');
export const EVERY_TYPE = path.join(
  DOT_KIRO,
  'sessions',
  '4f15e4aa9286a8f3',
  'sess_33333333-3333-4333-8333-333333333333',
);

export const variant = (name: string) => readFileSync(path.join(FIXTURES, 'variants', `${name}.jsonl`));

export const EMPTY_INVENTORY: Inventory = {
  mcpServers: [],
  skills: [],
  steering: [],
  powers: [],
  hooks: [],
  customAgents: [],
  trust: [],
};

export function givenContext(given: Partial<CaptureContext> = {}): CaptureContext {
  return {
    device: { id: 'device-1', os: 'linux', user: 'dev' },
    kiroVersion: (generation) => (generation === 'ide-1.x' ? '1.0.411' : null),
    levelFor: () => 'redacted',
    redact: createRedactor({ key: Buffer.alloc(32, 1), clock: () => 0 }),
    inventory: async () => EMPTY_INVENTORY,
    inventories: { last: () => null, note: () => {} },
    ...given,
  };
}

/** A session of Kiro's in a temporary home, which grows as the test says. */
export interface GivenSession {
  host: Host;
  folder: SessionFolder;
  sessionsRoot: string;
  append(data: string | Uint8Array): void;
  write(data: string | Uint8Array): void;
  writeMeta(json: string): void;
}

export function givenSession(data: string | Uint8Array = '', meta: object | null = {}): GivenSession {
  const host = tempHost();
  const sessionsRoot = path.join(host.home, '.kiro', 'sessions');
  const id = 'sess_00000000-0000-4000-8000-00000000000a';
  const folderPath = path.join(sessionsRoot, '0123456789abcdef', id);
  const folder = { id, path: folderPath, messages: path.join(folderPath, 'messages.jsonl') };
  mkdirSync(folder.path, { recursive: true });
  writeFileSync(folder.messages, data);
  const writeMeta = (json: string) => writeFileSync(path.join(folder.path, 'session.json'), json);
  if (meta !== null) writeMeta(JSON.stringify({ ...META, ...meta }));
  return {
    host,
    folder,
    sessionsRoot,
    append: (more) => appendFileSync(folder.messages, more),
    write: (all) => writeFileSync(folder.messages, all),
    writeMeta,
  };
}

const META = {
  title: 'A title',
  agentMode: 'vibe',
  modelId: 'auto',
  workspacePaths: ['/home/dev/demo'],
  createdAt: '2026-09-01T09:59:59.000Z',
};

/** Reads until there is no more, from `cursor` on. */
export async function readAll(
  { host, folder }: Pick<GivenSession, 'host' | 'folder'>,
  cursor: SessionCursor | null = null,
  context = givenContext(),
): Promise<SessionRead> {
  const read = await readSession(host, folder, cursor, context);
  if (!read.more) return read;
  const rest = await readAll({ host, folder }, read.cursor, context);
  return { ...rest, events: [...read.events, ...rest.events], skippedLines: read.skippedLines + rest.skippedLines };
}

export function ofKind<K extends EventKind>(events: readonly CapsuleEvent[], kind: K): EventOf<K>[] {
  return events.filter((event) => event.kind === kind) as unknown as EventOf<K>[];
}

/** One record line. */
export function line(id: string, payload: object, time = '2026-09-01T10:00:00.000Z'): string {
  return `${JSON.stringify({ id, timestamp: time, payload })}\n`;
}
