/** `status --watch`: a screen that is drawn anew each second, or, where nobody looks, a line for each change. */
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import type { Host } from '../core/host.ts';
import type { Answer, Progress } from './command.ts';
import { DaemonState } from './daemon-state.ts';
import { count } from './say.ts';

const EVERY_MS = 1_000;

/** Looks until the user has seen enough; ends with what was seen last. */
export async function watchStatus(
  { now }: Pick<Host, 'now'>,
  look: () => Promise<Answer>,
  progress: Progress,
  json: boolean,
): Promise<Answer> {
  if (!progress.terminal) return tellChanges(now, look, progress, json);
  const screen = progress.screen();
  try {
    const last = await repeat(look, screen.left, ({ output }) => {
      screen.draw(`${output}\n\n${now().toTimeString().slice(0, 8)}, looking each second; q ends it`);
    });
    return { ...last, json: null };
  } finally {
    screen.close();
  }
}

async function tellChanges(
  now: Host['now'],
  look: () => Promise<Answer>,
  { tell, stopped }: Progress,
  json: boolean,
): Promise<Answer> {
  let before = '';
  const last = await repeat(look, stopped, (answer) => {
    const short = inShort(answer);
    if (short === before) return;
    before = short;
    const time = now().toISOString();
    tell(json ? JSON.stringify({ schemaVersion: 1, time, ...answer.json }) : `${time}  ${short}`);
  });
  return { output: '', json: null, exitCode: last.exitCode };
}

async function repeat(
  look: () => Promise<Answer>,
  end: Promise<void>,
  show: (answer: Answer) => void,
): Promise<Answer> {
  const ended = new AbortController();
  void end.then(() => ended.abort());
  for (;;) {
    const answer = await look();
    if (!ended.signal.aborted) show(answer);
    // Cut short when the end comes: that is no error.
    await wait(EVERY_MS, undefined, { signal: ended.signal }).catch(() => {});
    if (ended.signal.aborted) return answer;
  }
}

const Known = z.object({
  daemon: DaemonState.nullable().catch(null),
  troubles: z.array(z.object({ code: z.string() })).default([]),
});

/** What of it is worth a line of its own when it changes: no ages, no memory. Pure. */
export function inShort({ json }: Pick<Answer, 'json'>): string {
  const { daemon, troubles } = Known.parse(json ?? { daemon: null });
  const codes = troubles.map(({ code }) => code).join(', ');
  if (daemon === null) return `no daemon at work${codes === '' ? '' : `: ${codes}`}`;
  const { delivery, outbox, otlp, depths, workspaces, capture } = daemon;
  return [
    `portal ${delivery.state}${delivery.why === null ? '' : ` (${delivery.why})`}`,
    ...(otlp === null
      ? []
      : [
          `OpenTelemetry ${otlp.state}${otlp.why === null ? '' : ` (${otlp.why})`}, ${depths?.otlp.events ?? 0} waiting`,
        ]),
    `${count(outbox.events, 'event')} waiting, ${delivery.delivered} delivered`,
    `${workspaces.attached} of ${workspaces.known} workspaces attached`,
    `last ring ${capture.lastRing ?? 'never'}, last event ${capture.lastEvent ?? 'never'}`,
    ...(codes === '' ? [] : [`needs you: ${codes}`]),
  ].join('; ');
}
