/** Plays the sessions turn by turn and watches each turn's facts arrive at the portal. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import type { Progress } from '../command.ts';
import type { HookRun } from '../run-hook.ts';
import { type Comparison, compareFacts, type FactName, factOfEvent } from './facts.ts';
import { type Part, type PartTurn, partsOf } from './parts.ts';
import { type PortalView, viewPortal } from './portal-view.ts';
import { openWorkspace, type PortalProcess, type Stage } from './stage.ts';

export interface Hops {
  /** The hook's own time: what Kiro's user waits for, in ms. */
  hookMs: number | null;
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
  for (const part of partsOf(host, stage)) {
    part.begin();
    for (const [index, turn] of part.turns.entries()) {
      await play.pause();
      const begun = index === 0 ? [`session.started ${part.id}`] : [];
      const soFar = played.filter(({ session }) => session === part.id).flatMap(({ expected }) => expected);
      played.push(await playTurn(view, part, turn, { soFar, expected: [...begun, ...turn.facts], play }));
    }
  }
  return played;
}

async function playTurn(
  view: PortalView,
  part: Part,
  turn: PartTurn,
  { soFar, expected, play: { progress } }: { soFar: FactName[]; expected: FactName[]; play: Play },
): Promise<PlayedTurn> {
  const number = part.turns.indexOf(turn) + 1;
  const label = `“${part.title}”, turn ${number} of ${part.turns.length}`;
  progress.show(`${label}: Kiro runs the hook …`);
  turn.before();
  const hook = turn.hook1x === null ? null : await turn.hook1x();
  const hook0x = await turn.hook0x();
  turn.after();
  const written = Date.now();

  const all = [...soFar, ...expected];
  let arrived: FactName[] = [];
  await until(async () => {
    arrived = (await view.events(part.id)).map(factOfEvent);
    progress.show(`${label}: ${Math.min(arrived.length, all.length)} of ${all.length} facts at the portal`);
    return compareFacts(all, arrived).missing.length === 0;
  }).catch(() => {});
  const stored = await view.lastStored(part.id);
  return {
    session: part.id,
    title: part.title,
    number,
    expected,
    comparison: compareFacts(all, arrived),
    hooks: hook === null ? [hook0x] : [hook, hook0x],
    hops: {
      hookMs: hook?.milliseconds ?? null,
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
