/** Plays the sessions turn by turn and watches each turn's facts arrive at the portal. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readTextAsset } from '../../core/assets.ts';
import { Failure } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import type { Progress } from '../command.ts';
import { type Comparison, compareFacts, type FactName, factOfEvent, factsOfTurn } from './facts.ts';
import {
  beginSession,
  type HookRun,
  runHook0x,
  runHook1x,
  stopCommand0x,
  stopCommand1x,
  writeAfter,
  writeBefore,
} from './play-kiro.ts';
import { type PortalView, viewPortal } from './portal-view.ts';
import { type DemoSession, stageSession } from './script.ts';
import { openWorkspace, type PortalProcess, type Stage } from './stage.ts';

export interface Hops {
  /** The hook's own time: what Kiro's user waits for, in ms. */
  hookMs: number;
  hook0xMs: number;
  /** From the turn's last record on disk to its event stored at the portal, in ms. */
  storedMs: number | null;
}

export interface PlayedTurn {
  session: string;
  title: string;
  number: number;
  expected: FactName[];
  comparison: Comparison;
  hooks: HookRun[];
  hops: Hops;
}

const ARRIVAL_MS = 30_000;
const LOOK_EVERY_MS = 20;

interface Play {
  progress: Progress;
  pause(): Promise<void>;
}

/** Throws `demo-failed` when the workspace is not attached, or a hook is not where Kiro looks for it. */
export async function playAll(host: Host, stage: Stage, portal: PortalProcess, play: Play): Promise<PlayedTurn[]> {
  play.progress.show('Kiro opens a workspace; the daemon attaches it …');
  openWorkspace(stage);
  await until(
    () => existsSync(path.join(stage.workspace, '.kiro', 'hooks', 'capsule-stop.kiro.hook')),
    'The workspace was not attached',
  );
  const view = await viewPortal(stage, portal);
  const played: PlayedTurn[] = [];
  for (const name of ['recorded', 'written']) {
    const session = stageSession(
      readTextAsset(`installer-assets/demo/${name}-session.json`),
      readTextAsset(`installer-assets/demo/${name}-messages.jsonl`),
      stage.workspace,
      host.now(),
    );
    beginSession(stage.home, session);
    for (const [index, turn] of session.turns.entries()) {
      await play.pause();
      const before = index === 0 ? [`session.started ${session.id}`] : [];
      const expected = [...before, ...factsOfTurn(turn)];
      const soFar = played.filter((other) => other.session === session.id).flatMap((other) => other.expected);
      played.push(await playTurn(stage, view, session, index, { soFar, expected, play }));
    }
  }
  return played;
}

async function playTurn(
  stage: Stage,
  view: PortalView,
  session: DemoSession,
  index: number,
  { soFar, expected, play: { progress } }: { soFar: FactName[]; expected: FactName[]; play: Play },
): Promise<PlayedTurn> {
  const turn = session.turns[index] ?? { before: [], after: [] };
  const label = `“${session.title}”, turn ${index + 1} of ${session.turns.length}`;
  const settingsFile = path.join(stage.userData, 'User', 'settings.json');
  progress.show(`${label}: Kiro runs the hook …`);
  writeBefore(stage.home, session, turn);
  const hook = await runHook1x(stopCommand1x(stage.home), session, stage.workspace, stage.env);
  const hook0x = await runHook0x(stopCommand0x(stage.workspace, settingsFile), stage.workspace, stage.env);
  writeAfter(stage.home, session, turn);
  const written = Date.now();

  const all = [...soFar, ...expected];
  let arrived: FactName[] = [];
  await until(async () => {
    arrived = (await view.events(session.id)).map(factOfEvent);
    progress.show(`${label}: ${Math.min(arrived.length, all.length)} of ${all.length} facts at the portal`);
    return compareFacts(all, arrived).missing.length === 0;
  }).catch(() => {});
  const stored = await view.lastStored(session.id);
  return {
    session: session.id,
    title: session.title,
    number: index + 1,
    expected,
    comparison: compareFacts(all, arrived),
    hooks: [hook, hook0x],
    hops: {
      hookMs: hook.milliseconds,
      hook0xMs: hook0x.milliseconds,
      storedMs: stored === null ? null : Math.max(0, stored.getTime() - written),
    },
  };
}

async function until(look: () => boolean | Promise<boolean>, otherwise = 'It took too long'): Promise<void> {
  for (let waited = 0; waited < ARRIVAL_MS; waited += LOOK_EVERY_MS) {
    if (await look()) return;
    await wait(LOOK_EVERY_MS);
  }
  throw new Failure('demo-failed', otherwise);
}
