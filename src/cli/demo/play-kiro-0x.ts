/** Acts as Kiro 0.x does in a turn: writes whole files, the execution's again and again. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { agentStorage, hashName } from '../../kiro/places-0x.ts';
import { asRunning, type DemoChat, type DemoExecution } from './script-0x.ts';
import type { Stage } from './stage.ts';

/** An execution as it is while the hook runs, with the chat's file and the index that name it. */
export function writeRunning(stage: Stage, chat: DemoChat, execution: DemoExecution): void {
  const at = chat.executions.indexOf(execution);
  writeChat(stage, chat);
  writeExecution(stage, asRunning(execution));
  writeIndex(stage, [...chat.executions.slice(0, at), asRunning(execution)]);
}

/** The same execution once it is over. */
export function writeEnded(stage: Stage, chat: DemoChat, execution: DemoExecution): void {
  writeExecution(stage, execution);
  writeIndex(stage, chat.executions.slice(0, chat.executions.indexOf(execution) + 1));
}

function writeChat({ userData, workspace }: Stage, { session }: DemoChat): void {
  const folder = path.join(agentStorage(userData), 'workspace-sessions', 'ZGVtbw__');
  const { sessionId, title } = session;
  write(path.join(folder, `${sessionId}.json`), session);
  write(path.join(folder, 'sessions.json'), [{ sessionId, title, workspaceDirectory: workspace }]);
}

const workspaceFolder = ({ userData, workspace }: Stage) => path.join(agentStorage(userData), hashName(workspace));

function writeExecution(stage: Stage, execution: DemoExecution): void {
  write(
    path.join(workspaceFolder(stage), hashName('KIRO::EXECUTION::SAVES'), hashName(execution.executionId)),
    execution,
  );
}

function writeIndex(stage: Stage, written: readonly DemoExecution[]): void {
  const executions = written.map(({ executionId, status, startTime, endTime }) => ({
    executionId,
    type: 'chat-agent',
    status,
    startTime,
    endTime,
  }));
  const file = path.join(workspaceFolder(stage), hashName('KIRO::EXECUTION::METADATA'));
  write(file, { executions, version: '2.0.0' });
}

function write(file: string, value: object): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value));
}
