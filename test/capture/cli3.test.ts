import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readSession } from '../../src/capture/read-session.ts';
import type { ContentLevel, Generation } from '../../src/core/event.ts';
import { tempHost } from '../helpers/temp-home.ts';
import { givenContext, line } from './given-session.ts';

async function readAs(id: string, levelFor: (folder: string | null, generation?: Generation) => ContentLevel) {
  const host = tempHost();
  const folder = path.join(host.home, '.kiro', 'sessions', '0123456789abcdef', id);
  mkdirSync(folder, { recursive: true });
  const messages = path.join(folder, 'messages.jsonl');
  writeFileSync(
    messages,
    line('1', { type: 'user', content: 'Hello' }) + line('2', { type: 'turn_start', executionId: 'e' }),
  );
  writeFileSync(path.join(folder, 'session.json'), JSON.stringify({ workspacePaths: ['/home/dev/demo'] }));
  return (await readSession(host, { id, path: folder, messages }, null, givenContext({ levelFor }))).events;
}

describe('the store that Kiro IDE 1.x and CLI 3 share', () => {
  test('has CLI 3’s sessions where the id says so, and the IDE’s in all others', async () => {
    const taken = await readAs('cli_e36d6e16-bf0a-4982-91e1-68e63be0fa60_1', () => 'redacted');
    expect(taken.map(({ session, source }) => [session.generation, source.store])).toEqual([
      ['cli-3', 'ide-1.x'],
      ['cli-3', 'ide-1.x'],
    ]);
    const other = await readAs('sess_00000000-0000-4000-8000-00000000000b', () => 'redacted');
    expect(other.map(({ session }) => session.generation)).toEqual(['ide-1.x', 'ide-1.x']);
  });

  test('tells nothing of CLI 3 when Kiro CLI is switched off', async () => {
    const off = (_: string | null, generation?: Generation) => (generation === 'cli-3' ? 'off' : 'redacted');
    expect(await readAs('cli_e36d6e16-bf0a-4982-91e1-68e63be0fa60_1', off)).toEqual([]);
    expect(await readAs('sess_00000000-0000-4000-8000-00000000000b', off)).toHaveLength(2);
  });
});
