import * as z from 'zod';
import { shortName } from './fields.ts';
import { field, folder, id, listOf, moment, parseBoth, within } from './fields-0x.ts';
import { unknownFields0x } from './known-fields-0x.ts';

/** One thing the agent did in an execution, in the order of the file (kiro/README Z4). */
export interface Action {
  /** null where Kiro gives none. */
  id: string | null;
  type: string;
  state: string | null;
  /** When Kiro wrote it down, in ms; which moment of the action that is, is not known. */
  at: number | null;
  /** Only book-keeping of the model has an end of its own. */
  end: number | null;
  input?: unknown;
  /** What the model sent, where Kiro keeps it. */
  rawInput?: unknown;
  output?: unknown;
  errorMessage: string | null;
  errorType: string | null;
}

/** One execution of Kiro 0.x, which is a turn: what is used of its file (kiro/README Z4). Times in ms. */
export interface Execution {
  executionId: string;
  sessionId: string | null;
  status: string | null;
  start: number | null;
  /** null while it runs. */
  end: number | null;
  model: string | null;
  workspacePaths: string[];
  userPrompt: string | null;
  /** Contents of the user's messages it was started with, oldest first. */
  messages: unknown[];
  /** Its messages are another execution's. */
  continues: boolean;
  credits: number | null;
  /** Per cent. */
  contextUsage: number | null;
  actions: Action[];
  /** Fields and shapes of its file that are not known, by name. */
  unknown: Record<string, number>;
}

const text = field(z.string());
const ActionFile = z.object({
  actionId: field(id),
  actionType: shortName,
  actionState: field(shortName),
  emittedAt: field(moment),
  endTime: field(moment),
  input: z.unknown().optional(),
  rawInput: z.unknown().optional(),
  output: z.unknown().optional(),
  errorMessage: text,
  errorType: text,
});

const Message = z.object({ role: z.literal('user'), content: z.unknown().optional() });
const Input = z.object({
  data: field(
    z.object({
      chatSessionId: field(id),
      modelId: field(shortName),
      workspacePaths: listOf(folder),
      messages: listOf(Message),
      messagesFromExecutionId: field(id),
      userPrompt: text,
    }),
  ),
});
const Usage = z.object({ unit: z.literal('credit'), usage: z.number().nonnegative() });

const ExecutionFile = z.object({
  executionId: id,
  chatSessionId: field(id),
  status: field(shortName),
  startTime: field(moment),
  endTime: field(moment),
  input: field(Input),
  actions: listOf(ActionFile),
  usageSummary: listOf(Usage),
  contextUsagePercentage: field(z.number().nonnegative()),
});

/** An execution's file; null when it does not parse (it may be being written) or is not one. */
export function parseExecution(json: string): Execution | null {
  const both = parseBoth(ExecutionFile, json);
  if (both === null) return null;
  const { known: file, all } = both;
  const data = file.input?.data ?? null;
  return {
    executionId: file.executionId,
    sessionId: file.chatSessionId ?? data?.chatSessionId ?? null,
    status: file.status,
    start: file.startTime,
    end: file.endTime,
    model: data?.modelId ?? null,
    workspacePaths: data?.workspacePaths ?? [],
    userPrompt: data?.userPrompt ?? null,
    messages: data?.messages.map(({ content }) => content) ?? [],
    continues: (data?.messagesFromExecutionId ?? null) !== null,
    credits: file.usageSummary.length === 0 ? null : file.usageSummary.reduce((sum, { usage }) => sum + usage, 0),
    contextUsage: file.contextUsagePercentage,
    actions: file.actions.map(({ actionId, actionType, actionState, emittedAt, endTime, ...rest }) => ({
      id: actionId,
      type: actionType,
      state: actionState,
      at: emittedAt,
      end: endTime,
      ...rest,
    })),
    unknown: unknownFields0x('execution', all, {
      name: 'execution.actions',
      list: within(all, 'actions'),
      read: file.actions.length,
    }),
  };
}
