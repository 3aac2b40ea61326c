import { describe, expect, test } from '@jest/globals';
import { keepMetadata, strictest } from '../../src/capture/content-level.ts';
import { mcpServerOf } from '../../src/capture/mcp-server-name.ts';
import { anEvent } from '../helpers/events.ts';

describe('the metadata level', () => {
  const session = { ...anEvent(1).session, title: null };

  test('keeps names, numbers and hashes of an inventory, and none of its texts', () => {
    const event = keepMetadata(
      anEvent<'session.started'>(1, {
        kind: 'session.started',
        session,
        body: {
          mcpServers: [
            {
              name: 'github',
              scope: 'user',
              transport: 'stdio',
              command: 'TEXT',
              commandSha256: 'abc',
              origin: null,
              disabled: false,
              autoApprove: ['get_issue'],
              envNames: ['TOKEN'],
              headerNames: [],
            },
          ],
          skills: [{ name: 'testing', scope: 'user', description: 'TEXT', sha256: 'abc' }],
          steering: [{ name: 'a.md', scope: 'user', inclusion: 'always', sha256: 'abc' }],
          powers: [],
          hooks: [{ name: 'h', scope: 'user', trigger: 'Stop', action: 'TEXT', sha256: 'abc', ours: true }],
          customAgents: [],
          trust: [{ source: 's', scope: 'user', kind: 'command', effect: 'allow', pattern: 'TEXT', ours: false }],
        },
      }),
    );
    expect(JSON.stringify(event)).not.toContain('TEXT');
    expect(event.body).toMatchObject({
      mcpServers: [{ name: 'github', command: null, commandSha256: 'abc', envNames: ['TOKEN'] }],
      skills: [{ name: 'testing', description: null }],
      hooks: [{ name: 'h', trigger: 'Stop', action: '' }],
      trust: [{ effect: 'allow', pattern: '' }],
    });
    expect(event.truncated?.map(({ field, bytes }) => [field, bytes])).toEqual([
      ['/body/mcpServers/0/command', 4],
      ['/body/skills/0/description', 4],
      ['/body/hooks/0/action', 4],
      ['/body/trust/0/pattern', 4],
    ]);
  });

  test('keeps an end’s numbers and a prompt’s attachments, but no error text and no file name', () => {
    const counts = { prompts: 1, responses: 0, reasonings: 0, tools: 0, toolFailures: 0 };
    const end = { reason: 'error', durationMs: 1, credits: null, contextUsage: null, counts, error: 'TEXT' };
    const ended = keepMetadata(anEvent<'turn.ended'>(1, { kind: 'turn.ended', session, body: end }));
    expect(ended).toMatchObject({ body: { reason: 'error', counts }, truncated: [{ field: '/body/error', bytes: 4 }] });
    const prompt = { text: null, source: null, attachments: [{ name: 'TEXT.png', type: 'image', bytes: 7 }] };
    const asked = keepMetadata(anEvent<'prompt.submitted'>(1, { kind: 'prompt.submitted', session, body: prompt }));
    expect(asked.body).toEqual({ text: null, source: null, attachments: [{ name: null, type: 'image', bytes: 7 }] });
    expect(JSON.stringify([ended, asked])).not.toContain('TEXT');
  });

  test('leaves an event without texts as it is', () => {
    const event = anEvent<'agent.reasoned'>(1, {
      kind: 'agent.reasoned',
      session,
      body: { text: null, withheld: true },
    });
    expect(keepMetadata(event)).toEqual(event);
  });

  test('is stricter than redacted and full, and off is stricter still', () => {
    expect(strictest('full', 'metadata', 'redacted')).toBe('metadata');
    expect(strictest('metadata', 'off')).toBe('off');
    expect(strictest('full')).toBe('full');
  });
});

describe('the MCP server of a call', () => {
  test('is the configured one that the name fits, and none when several do', () => {
    expect(mcpServerOf('mcp_github_get_issue', ['github', 'docs'])).toBe('github');
    expect(mcpServerOf('mcp_a_b_c', ['a', 'a_b'])).toBeNull();
    expect(mcpServerOf('mcp_other_x', ['github'])).toBeNull();
    expect(mcpServerOf('read_file', [''])).toBeNull();
  });
});
