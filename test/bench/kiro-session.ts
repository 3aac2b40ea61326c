/** Sessions of Kiro 1.x of any size, for measurements. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A session without a turn, in this folder (`<sessions>/<bucket>`). Answers the file that its turns are appended to. */
export function makeSession(folder: string, id: string, workspace = '/home/dev/demo'): string {
  const session = path.join(folder, id);
  mkdirSync(session, { recursive: true });
  const meta = { title: 'A session', agentMode: 'vibe', modelId: 'auto', workspacePaths: [workspace] };
  writeFileSync(path.join(session, 'session.json'), JSON.stringify(meta));
  const messages = path.join(session, 'messages.jsonl');
  writeFileSync(messages, '');
  return messages;
}

/** One turn: a prompt, so many times an answer and a tool call whose result has that many letters, and its end. */
export function turnText(n: number, resultLength: number, calls = 8): string {
  let time = Date.UTC(2026, 8, 1) + n * 60_000;
  const execution = `exec-${n}`;
  const record = (id: string, payload: object) =>
    `${JSON.stringify({ id: `${execution}-${id}`, timestamp: new Date(time++).toISOString(), payload: { ...payload, executionId: execution } })}\n`;
  const content = 'const answer = await fetchAnswer(question); // and what else a file holds\n'
    .repeat(Math.ceil(resultLength / 74))
    .slice(0, resultLength);
  let text = record('user', { type: 'user', content: `Prompt ${n}` }) + record('start', { type: 'turn_start' });
  for (let k = 0; k < calls; k++) {
    const toolCallId = `tooluse_${n}_${k}`;
    text += record(`say-${k}`, { type: 'assistant', content: 'I look at the file.', operationType: 'Say' });
    text += record(`call-${k}`, {
      ...{ type: 'tool_call', toolCallId, toolName: 'read_file', kind: 'read' },
      args: { path: '/home/dev/demo/src/answer.ts' },
    });
    text += record(`result-${k}`, { type: 'tool_result', toolCallId, content, success: true });
  }
  return text + record('end', { type: 'turn_end', stopReason: 'end_turn' });
}
