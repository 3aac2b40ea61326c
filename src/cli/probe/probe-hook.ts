/** Runs one installed hook as Kiro would, with a marked session id, and follows what comes of it to the portal. */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import type { Host } from '../../core/host.ts';
import { askDaemon, endAndStart, readEndpoint } from '../../relay/local-client.ts';
import { probeIdOf, probeSession } from '../../relay/probe.ts';
import { removeRing, waitingRings } from '../../relay/rings-folder.ts';
import { daemonState, standByState } from '../daemon-state.ts';
import { ProbeAccount } from '../follow-probes.ts';
import { type HookRun, runHook0x, runHook1x, stopPayload } from '../run-hook.ts';
import { judgeDelivery } from './follow-delivery.ts';
import { complete, type Hop, type ProbeReport } from './hop.ts';
import type { InstalledHook } from './installed-hooks.ts';

/** How long each hop is waited for, in ms. The dispatcher starts a dead daemon: that takes seconds. */
export interface Patience {
  ring: number;
  daemon: number;
  portal: number;
}
const PATIENCE: Patience = { ring: 2_000, daemon: 15_000, portal: 30_000 };
const LOOK_EVERY_MS = 20;
/** What delivery says of itself costs the daemon more than where the probe is. */
const STATE_EVERY = 10;

/** The report, whatever happens; bounded by `patience` and the hook's own limit. `show` names the hop that is waited for. */
export async function probeHook(
  host: Host,
  hook: InstalledHook,
  show: (doing: string) => void,
  patience = PATIENCE,
): Promise<ProbeReport> {
  const id = randomBytes(16).toString('hex');
  const { generation, file } = hook;
  const report = (hops: Hop[]): ProbeReport => ({ generation, file, id, hops: complete(hops) });
  if (hook.obstacle !== null || hook.command === null) {
    const { detail, fix } = hook.obstacle ?? { detail: `${file} names no command`, fix: null };
    return report([{ hop: 'hook', status: 'failed', at: null, detail, fix }]);
  }
  show('Running the hook …');
  const pidBefore = readEndpoint(host.own)?.pid;
  const started = host.now().getTime();
  const at = (time: string) => Math.max(0, Date.parse(time) - started);
  const ran = judgeRun(await runAsKiro(host, hook, hook.command, id), hook);

  show('Waiting for its ring …');
  const rang = await within(patience.ring, async () => (await account(host, id)) ?? ringFile(host, id));
  if (rang === undefined) return report([ran, noRing(host)]);
  const seen = host.now().toISOString();
  const ring: Hop = { hop: 'ring', status: 'passed', at: at(seen), detail: 'written into the rings folder', fix: null };

  show('Waiting for the daemon …');
  const taken = await waitForDaemon(host, id, patience.daemon);
  if (taken === undefined || taken === 'hung') return report([ran, ring, await notTaken(host, id, taken)]);
  const restarted = pidBefore === readEndpoint(host.own)?.pid ? '' : ', after the hook had started it';
  const way = taken.door === 'folder' ? 'from the folder' : 'over the socket';
  const onTheWay: Hop[] = [
    ran,
    { ...ring, at: Math.min(at(seen), at(taken.rang)) },
    { hop: 'daemon', status: 'passed', at: at(taken.rang), detail: `took it ${way}${restarted}`, fix: null },
    { hop: 'outbox', status: 'passed', at: at(taken.kept), detail: 'safe on disk', fix: null },
  ];
  show('Waiting for the portal …');
  return report([...onTheWay, ...(await followDelivery(host, id, at, patience.portal))]);
}

/** With the environment of this terminal: what Kiro's is, nobody else can know. */
function runAsKiro({ env }: Host, { generation, cwd }: InstalledHook, command: string, id: string): Promise<HookRun> {
  const session = probeSession(id);
  return generation === 'ide-1.x'
    ? runHook1x(command, stopPayload(session, cwd), { cwd, env })
    : runHook0x(command, JSON.stringify({ session_id: session }), { cwd, env });
}

/** What Kiro would make of it: output goes to the agent, and so does the word of a failure. */
function judgeRun({ exitCode, output, milliseconds }: HookRun, { file }: InstalledHook): Hop {
  const took = Math.round(milliseconds);
  const wrong = [
    ...(exitCode === 0 ? [] : [exitCode === null ? `was ended after ${took} ms` : `ended with exit code ${exitCode}`]),
    ...(output === '' ? [] : [`printed ${Buffer.byteLength(output)} bytes, which Kiro gives to the agent`]),
  ];
  if (wrong.length === 0) {
    const detail = `ran in ${took} ms, printed nothing, exit code 0`;
    return { hop: 'hook', status: 'passed', at: 0, detail, fix: null };
  }
  const fix = `capsule-kiro install; the command is in ${file}`;
  return { hop: 'hook', status: 'failed', at: 0, detail: wrong.join(', and '), fix };
}

function ringFile({ own, now }: Host, id: string): string | undefined {
  const rings = [...waitingRings(own.rings, now())].flat();
  return rings.find(({ sessionId }) => probeIdOf(sessionId) === id)?.name;
}

function noRing({ own }: Host): Hop {
  const detail = `nothing was written into ${own.rings}: the dispatcher is missing or changed, or cannot write there`;
  return { hop: 'ring', status: 'failed', at: null, detail, fix: 'capsule-kiro install' };
}

/** The ring would otherwise wait for a daemon that may never come. */
async function notTaken(host: Host, id: string, known: 'hung' | undefined): Promise<Hop> {
  const name = ringFile(host, id);
  if (name !== undefined) removeRing(host.own.rings, name);
  const failed = (detail: string, fix: string): Hop => ({ hop: 'daemon', status: 'failed', at: null, detail, fix });
  const state = known ?? (await daemonState(host.own));
  if (state === 'hung') {
    return failed('the daemon is there but does not answer', endAndStart(readEndpoint(host.own)?.pid, host.platform));
  }
  if (state !== undefined) {
    return failed(`the daemon runs (version ${state.version}) but did not take the ring`, 'capsule-kiro restart');
  }
  const standing = await standByState(host.own);
  if (standing === undefined) {
    return failed('no daemon runs, and the hook could not start one', 'capsule-kiro start');
  }
  return failed(`the daemon stands by: ${standing.standBy.why}`, standing.standBy.fix ?? 'capsule-kiro restart');
}

/** Who twice does not answer for two seconds, or answers that it knows of no probes, is not waited for any longer. */
async function waitForDaemon({ own }: Host, id: string, limitMs: number): Promise<ProbeAccount | 'hung' | undefined> {
  let vain = 0;
  const taken = await within(limitMs, async () => {
    const answer = await askDaemon(own, 'GET', `/v1/probe?id=${id}`, 2_000);
    const account = Answer.safeParse(answer);
    if (account.success || answer === undefined) return account.data?.probe ?? undefined;
    return ++vain < 2 ? undefined : answer === 'hung' ? 'hung' : 'deaf';
  });
  return taken === 'deaf' ? undefined : taken;
}

const Answer = z.object({ probe: ProbeAccount.nullable() });

/** As far as the daemon has it; undefined when it does not, or there is none. */
async function account({ own }: Host, id: string): Promise<ProbeAccount | undefined> {
  return Answer.safeParse(await askDaemon(own, 'GET', `/v1/probe?id=${id}`, 2_000)).data?.probe ?? undefined;
}

async function followDelivery(host: Host, id: string, at: (time: string) => number, limitMs: number): Promise<Hop[]> {
  let looks = 0;
  const judged = await within(limitMs, async () => {
    const state = looks++ % STATE_EVERY === STATE_EVERY - 1 ? await daemonState(host.own) : undefined;
    // After the state: what it says was so before what the account says.
    const known = await account(host, id);
    return known && judgeDelivery(known, typeof state === 'object' ? state : undefined, at);
  });
  if (judged !== undefined) return [judged.request, judged.portal].filter((hop) => hop !== null);
  const known = await account(host, id);
  const hop = known !== undefined && known.sending !== null ? 'portal' : 'request';
  const detail = known === undefined ? 'the daemon has gone' : `nothing within ${Math.round(limitMs / 1000)} seconds`;
  return [{ hop, status: 'failed', at: null, detail, fix: 'capsule-kiro status' }];
}

/** The first thing that is there, looked for again and again; undefined when the time is up. */
async function within<T>(limitMs: number, look: () => T | undefined | Promise<T | undefined>): Promise<T | undefined> {
  for (const end = performance.now() + limitMs; ; await wait(LOOK_EVERY_MS)) {
    const found = await look();
    if (found !== undefined || performance.now() > end) return found;
  }
}
