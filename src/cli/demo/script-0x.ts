/** What the demo's Kiro 0.x writes and when: an invented chat, each execution as it runs and as it ends. Pure. */
import * as z from 'zod';
import type { FactName } from './facts.ts';

const Action = z.looseObject({
  actionId: z.string(),
  actionType: z.string(),
  actionState: z.string(),
  emittedAt: z.number(),
});
const Execution = z.looseObject({
  executionId: z.string(),
  status: z.string(),
  startTime: z.number(),
  endTime: z.number(),
  actions: z.array(Action),
});
export type DemoExecution = z.infer<typeof Execution>;

const Entry = z.looseObject({
  message: z.looseObject({ role: z.string(), id: z.string() }),
  executionId: z.string().optional(),
});
const Chat = z.object({
  session: z.looseObject({ sessionId: z.string(), title: z.string(), history: z.array(Entry) }),
  executions: z.array(Execution),
});
export type DemoChat = z.infer<typeof Chat>;

/** The chat, moved to this workspace and so that it ended at `now`. */
export function stageChat(text: string, workspace: string, now: Date): DemoChat {
  const inPath = JSON.stringify(workspace).slice(1, -1);
  const chat = Chat.parse(JSON.parse(text.replaceAll('/home/dev/demo-app', inPath)));
  const last = Math.max(...chat.executions.map(({ endTime }) => endTime));
  const moved = (time: number) => time - last + now.getTime();
  return {
    ...chat,
    executions: chat.executions.map((execution) => ({
      ...execution,
      startTime: moved(execution.startTime),
      endTime: moved(execution.endTime),
      actions: execution.actions.map((action) => ({ ...action, emittedAt: moved(action.emittedAt) })),
    })),
  };
}

/** How Kiro's file stands when the hook runs: all but the last action done, and no end. */
export function asRunning(execution: DemoExecution): DemoExecution {
  const { usageSummary: _, ...rest } = execution;
  const actions = execution.actions.map((action, at) => {
    const { output: __, ...begun } = action;
    return at < execution.actions.length - 1 ? action : { ...begun, actionState: 'Running' };
  });
  return { ...rest, status: 'running', endTime: 0, actions };
}

const FACTS = new Map([
  ['say', 'agent.responded'],
  ['reasoning', 'agent.reasoned'],
]);
const BOOK_KEEPING = new Set(['model', 'intentClassification']);

/** Which facts an execution holds, counted straight from the file: a second, much simpler opinion than capture's. */
export function factsOfExecution({ session }: DemoChat, { executionId, actions }: DemoExecution): FactName[] {
  const answered = session.history.findIndex((entry) => entry.executionId === executionId);
  return [
    `prompt.submitted ${session.history[answered - 1]?.message.id}`,
    ...actions
      .filter(({ actionType }) => !BOOK_KEEPING.has(actionType))
      .map(({ actionType, actionId }) => `${FACTS.get(actionType) ?? 'tool.invoked'} ${actionId}`),
    `turn.ended ${executionId}`,
  ];
}
