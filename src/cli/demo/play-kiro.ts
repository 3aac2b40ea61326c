/** Acts as Kiro 1.x does at the end of a turn: writes its record, has the installed hook run, writes the rest. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse as parseJsonc } from 'jsonc-parser';
import * as z from 'zod';
import { Failure } from '../../core/failure.ts';
import { type DemoSession, type DemoTurn, sessionFolder, toLines } from './script.ts';

const HookFile1x = z.object({
  hooks: z.array(z.object({ trigger: z.string(), action: z.object({ command: z.string() }) })),
});
const HookFile0x = z
  .string()
  // Kiro's own word for what is done; an object with it would pass for a promise.
  .transform((text) => (JSON.parse(text) as { then?: unknown }).then)
  .pipe(z.object({ command: z.string() }));

const TRUSTED = 'kiroAgent.trustedCommands';
const Trust = z.object({ [TRUSTED]: z.array(z.string()) });

/** The command Kiro 1.x runs when a turn ends, from the user's hook file. */
export function stopCommand1x(home: string): string {
  const file = path.join(home, '.kiro', 'hooks', 'capsule-stop.json');
  const stop = HookFile1x.parse(JSON.parse(readFileSync(file, 'utf8'))).hooks.find(({ trigger }) => trigger === 'Stop');
  if (stop === undefined) throw new Failure('demo-failed', `${file} holds no hook for Stop`);
  return stop.action.command;
}

/** The command Kiro 0.x runs, from the workspace's hook file, provided its settings trust exactly this command. */
export function stopCommand0x(workspace: string, settingsFile: string): string {
  const hookFile = path.join(workspace, '.kiro', 'hooks', 'capsule-stop.kiro.hook');
  const { command } = HookFile0x.parse(readFileSync(hookFile, 'utf8'));
  const settings: unknown = parseJsonc(readFileSync(settingsFile, 'utf8'), [], { allowTrailingComma: true });
  if (!Trust.parse(settings)[TRUSTED].includes(command)) {
    throw new Failure('demo-failed', `Kiro 0.x would ask before running the hook: ${settingsFile} does not trust it`);
  }
  return command;
}

/** Writes `session.json`, as Kiro does when a session begins. */
export function beginSession(home: string, session: DemoSession): void {
  const folder = sessionFolder(home, session);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'session.json'), session.meta);
}

/** Appends what is on disk when Kiro runs the hook. */
export function writeBefore(home: string, session: DemoSession, turn: DemoTurn): void {
  appendFileSync(path.join(sessionFolder(home, session), 'messages.jsonl'), toLines(turn.before));
}

/** Appends what Kiro writes after the hook has returned. */
export function writeAfter(home: string, session: DemoSession, turn: DemoTurn): void {
  appendFileSync(path.join(sessionFolder(home, session), 'messages.jsonl'), toLines(turn.after));
}
