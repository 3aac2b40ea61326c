/** Tries the whole thing on this machine without touching the user's own files. */
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { type Answer, defineCommand, type Progress } from './command.ts';
import { type PlayedTurn, playAll } from './demo/play.ts';
import { sayTurns } from './demo/say-turns.ts';
import { type PortalProcess, type Stage, setStage, startPortalProcess, strike } from './demo/stage.ts';

/** Between two turns when somebody watches the page. */
const PAUSE_MS = 3_000;

export const demo = defineCommand({
  usage: 'demo',
  summary:
    'Try the whole thing: a portal, an agent in a temporary home, and recorded Kiro sessions that grow turn by turn',
  options: {
    once: { type: 'boolean', default: false, describe: 'Check that every fact arrives exactly once, clean up and end' },
    keep: { type: 'boolean', default: false, describe: 'Leave the temporary folder behind' },
  },
  examples: [
    ['demo', 'Prints the address of the page, plays, and stays until Ctrl+C'],
    ['demo --once', 'For a check: exit code 0 or 1'],
  ],
  async run(host, { once, keep }, progress) {
    if (host.platform === 'win32') {
      throw new Failure('unsupported-system', 'The demo does not run on Windows yet', {
        hint: 'Run it on macOS or Linux.',
      });
    }
    const stage = setStage(host);
    try {
      return await onStage(host, stage, once, progress);
    } finally {
      await stage.capsule(['stop']);
      if (!keep) strike(stage);
    }
  },
});

async function onStage(host: Host, stage: Stage, once: boolean, progress: Progress): Promise<Answer> {
  const stopped = progress.stopped.then(() => true);
  progress.show('Starting a portal …');
  const portal = await startPortalProcess(stage);
  try {
    await installAgent(stage, portal, progress);
    if (!once) await sayWhereToLook(stage, portal, progress);
    const pause = once ? async () => {} : async () => void (await Promise.race([stopped, wait(PAUSE_MS)]));
    const turns = await playAll(host, stage, portal, { progress, pause });
    const answer = conclude(turns, stage);
    if (once || answer.exitCode !== 0) return answer;
    progress.say(answer.output);
    progress.say('\nThe page stays up. Ctrl+C ends the demo and removes its folder.');
    await stopped;
    return { ...answer, output: '' };
  } finally {
    await portal.stop();
  }
}

/** As an administrator and a developer would: a code from the portal, then the program with the code on its standard input. */
async function installAgent(stage: Stage, portal: PortalProcess, progress: Progress): Promise<void> {
  progress.show('Making an enrolment code …');
  const code = await must(stage, ['portal', 'code', '--data', portal.data]);
  // Whatever Kiro this machine has is none of the demo's business: the hooks for every generation are placed.
  await must(stage, ['config', 'set', 'kiro.appDir', `${stage.folder}/no-kiro`]);
  progress.show('Installing the agent into a temporary home …');
  const installed = await must(stage, ['install', '--portal', portal.address, '--code-stdin', '--no-service'], code);
  progress.say(`Installed into ${stage.home}:\n${installed.replaceAll(/^/gm, '  ')}\n`);
}

async function sayWhereToLook(stage: Stage, portal: PortalProcess, progress: Progress): Promise<void> {
  const link = await must(stage, ['portal', 'admin', '--data', portal.data]);
  progress.say(`Open the portal (the link works once):\n\n  ${link}\n`);
}

async function must(stage: Stage, args: readonly string[], input?: string): Promise<string> {
  const { exitCode, stdout, stderr } = await stage.capsule(args, input);
  if (exitCode === 0) return stdout.trim();
  throw new Failure(
    'demo-failed',
    `capsule-kiro ${args.slice(0, 2).join(' ')} ended with ${exitCode}: ${stderr || stdout}`,
  );
}

function conclude(turns: readonly PlayedTurn[], stage: Stage): Answer {
  const wrong = turns.flatMap(({ comparison }) => [...comparison.missing, ...comparison.surplus]);
  const silent = turns.every(({ hooks }) => hooks.every(({ exitCode, output }) => exitCode === 0 && output === ''));
  const good = wrong.length === 0 && silent;
  const facts = turns.reduce((sum, { expected }) => sum + expected.length, 0);
  const verdict = good
    ? `All ${facts} facts of ${turns.length} turns arrived exactly once; every hook was silent and exited 0.`
    : `Not as it should be: ${wrong.length} facts missing or doubled${silent ? '' : '; a hook failed or printed something'}.`;
  return {
    output: `${sayTurns(turns)}\n\n${verdict}`,
    json: {
      passed: good,
      facts,
      folder: stage.folder,
      turns: turns.map(({ session, number, expected, comparison, hops }) => ({
        session,
        turn: number,
        facts: expected.length,
        missing: comparison.missing,
        surplus: comparison.surplus,
        hops: { ...hops },
      })),
    },
    exitCode: good ? 0 : 1,
  };
}
