import { describe, expect, test } from '@jest/globals';
import { eventsOf, flat, givenCli, ID } from './given-cli.ts';
import { givenContext } from './given-session.ts';
import { givenStore, WORKSPACE } from './given-store-0x.ts';

describe('a cursor that an earlier build has stored, without fields that came later', () => {
  test('of Kiro CLI 2: goes on where it stopped', async () => {
    const lines = flat('tool-call.jsonl').trimEnd().split('\n');
    const cli = givenCli();
    cli.write('.json', flat('tool-call.json'));
    cli.write('.jsonl', `${lines.slice(0, 2).join('\n')}\n`);
    const first = eventsOf(await cli.sweep());
    const cursor = cli.cursors.get(ID) as { flat: { again?: null }; state: { ended?: object[] } };
    delete cursor.flat.again;
    delete cursor.state.ended;
    cli.append(`${lines.slice(2).join('\n')}\n`);
    const rest = eventsOf(await cli.sweep());
    const whole = givenCli();
    whole.write('.json', flat('tool-call.json'));
    whole.write('.jsonl', flat('tool-call.jsonl'));
    expect([...first, ...rest]).toEqual(eventsOf(await whole.sweep()));
  });

  test('of Kiro 0.x: goes on where it stopped', async () => {
    const store = givenStore();
    const execution = (executionId: string, startTime: number) => ({
      executionId,
      chatSessionId: 'chat-1',
      status: 'succeed',
      startTime,
      endTime: startTime + 1,
      input: { data: { userPrompt: 'Go', workspacePaths: [WORKSPACE] } },
      actions: [{ actionId: 'a', actionType: 'say', emittedAt: startTime, output: { message: 'Done.' } }],
    });
    store.write(execution('e-1', 1_000_000));
    store.writeSession('chat-1', { workspaceDirectory: WORKSPACE, history: [] });
    const { reads } = await store.sweep();
    const ledger = reads.at(-1)?.cursor as {
      strange?: string[];
      round?: object;
      followed: { [file: string]: { starting?: null; waiting?: null } };
      sessions: { [session: string]: { said?: string[]; asked?: string[] } };
      chats: { [session: string]: { before?: string[] } };
    };
    delete ledger.strange;
    delete ledger.round;
    for (const each of Object.values(ledger.followed)) {
      delete each.starting;
      delete each.waiting;
    }
    for (const each of Object.values(ledger.sessions)) {
      delete each.said;
      delete each.asked;
    }
    for (const each of Object.values(ledger.chats)) delete each.before;
    store.write(execution('e-2', 2_000_000));
    const again: string[] = [];
    for await (const { read } of store.source.sweep({ get: () => ledger }, givenContext()))
      again.push(...read.events.map(({ kind, turn }) => `${kind} ${turn?.id}`));
    expect(again).toEqual(['prompt.submitted e-2', 'agent.responded e-2', 'turn.ended e-2']);
  });
});
