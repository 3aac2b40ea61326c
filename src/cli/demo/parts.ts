/** The sessions of the demo, each as the parts of the play that it consists of, whichever Kiro's it is. */
import path from 'node:path';
import { readTextAsset } from '../../core/assets.ts';
import type { Host } from '../../core/host.ts';
import { type HookRun, runHook0x, runHook1x, stopPayload } from '../run-hook.ts';
import { type FactName, factsOfTurn } from './facts.ts';
import { beginSession, stopCommand0x, stopCommand1x, writeAfter, writeBefore } from './play-kiro.ts';
import { writeEnded, writeRunning } from './play-kiro-0x.ts';
import { stageSession } from './script.ts';
import { factsOfExecution, stageChat } from './script-0x.ts';
import type { Stage } from './stage.ts';

export interface Part {
  id: string;
  title: string;
  begin(): void;
  turns: PartTurn[];
}

export interface PartTurn {
  /** What the record of the turn holds. */
  facts: FactName[];
  /** What is on disk when Kiro runs the hook. */
  before(): void;
  /** null: this Kiro has no such hook. */
  hook1x: (() => Promise<HookRun>) | null;
  hook0x(): Promise<HookRun>;
  /** What Kiro writes once the hook has returned. */
  after(): void;
}

/** A recorded session and an invented one of Kiro 1.x, and an invented chat of 0.x, all in the stage's workspace. */
export function partsOf(host: Host, stage: Stage): Part[] {
  return [part1x(host, stage, 'recorded'), part1x(host, stage, 'written'), part0x(host, stage)];
}

function part1x(host: Host, stage: Stage, name: string): Part {
  const read = (file: string) => readTextAsset(`installer-assets/demo/${name}-${file}`);
  const session = stageSession(read('session.json'), read('messages.jsonl'), stage.workspace, host.now());
  return {
    id: session.id,
    title: session.title,
    begin: () => beginSession(stage.home, session),
    turns: session.turns.map((turn) => ({
      facts: factsOfTurn(turn),
      before: () => writeBefore(stage.home, session, turn),
      hook1x: () => runHook1x(stopCommand1x(stage.home), stopPayload(session.id, stage.workspace), placeOf(stage)),
      hook0x: () => hook0x(stage),
      after: () => writeAfter(stage.home, session, turn),
    })),
  };
}

function part0x(host: Host, stage: Stage): Part {
  const chat = stageChat(readTextAsset('installer-assets/demo/written-0x.json'), stage.workspace, host.now());
  return {
    id: chat.session.sessionId,
    title: chat.session.title,
    begin: () => {},
    turns: chat.executions.map((execution) => ({
      facts: factsOfExecution(chat, execution),
      before: () => writeRunning(stage, chat, execution),
      hook1x: null,
      hook0x: () => hook0x(stage),
      after: () => writeEnded(stage, chat, execution),
    })),
  };
}

function hook0x(stage: Stage): Promise<HookRun> {
  const settingsFile = path.join(stage.userData, 'User', 'settings.json');
  return runHook0x(stopCommand0x(stage.workspace, settingsFile), '', placeOf(stage));
}

const placeOf = ({ workspace, env }: Stage) => ({ cwd: workspace, env });
