/** What an agent sends for one turn: made anew from its numbers, so that nothing has to be kept to know what was sent. */
import type { CapsuleEvent } from '../../src/core/event.ts';
import { makeEvent } from '../helpers/portal-events.ts';
import { readShort } from '../helpers/short-events.ts';
import { BENIGN } from '../portal/policies/corpus.ts';

/** One turn in so many begins a session. */
const TURNS_A_SESSION = 8;
const WORDS = 'the parser fails on an empty line because the reader returns null where a text is expected so'.split(
  ' ',
);
/** Tool calls that no built-in policy finds fault with, by the corpus that policies are held to. */
const CALLS = BENIGN.map((line) => readShort(line).event).filter(({ kind }) => kind === 'tool.invoked');

/** From 0 to 1, the same for the same numbers. */
function chance(...numbers: readonly number[]): number {
  let hash = 2_166_136_261;
  for (const number of numbers) hash = Math.imul(hash ^ number, 16_777_619) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_507) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/** Few long texts among many short ones. */
function words(most: number, ...seed: readonly number[]): string {
  const length = Math.floor(8 + most * chance(...seed, 1) ** 4);
  return Array.from({ length }, (_, n) => WORDS[Math.floor(chance(...seed, n) * WORDS.length)]).join(' ');
}

export const deviceOf = (agent: number): string => `load-${agent}`;

/** The ids of a turn's events, in their order. Pure. */
export function idsOf(agent: number, turn: number): string[] {
  const tools = 2 + Math.floor(14 * chance(agent, turn) ** 2);
  const kinds = tools + 3 + (turn % TURNS_A_SESSION === 0 ? 1 : 0);
  return Array.from({ length: kinds }, (_, place) => `load-${agent}-${turn}-${place}`);
}

/** The events of a turn: the session's start if it is the first, a prompt, calls of tools, an answer, the turn's end. Pure but for the clock. */
export function turnOf(agent: number, turn: number, now: Date): CapsuleEvent[] {
  const session = Math.floor(turn / TURNS_A_SESSION);
  const ids = idsOf(agent, turn);
  const starts = turn % TURNS_A_SESSION === 0;
  return ids.map((id, place) => {
    const base = {
      id,
      time: new Date(now.getTime() + place).toISOString(),
      session: {
        id: `load-${agent}-s${session}`,
        generation: 'ide-1.x',
        title: 'A day',
        mode: 'vibe',
        model: 'auto',
      } as const,
      turn: { id: `load-${agent}-t${turn}`, index: (turn % TURNS_A_SESSION) + 1 },
      device: { id: deviceOf(agent), os: 'linux', user: `user-${agent}` } as const,
      workspace: { id: `w-${agent}`, path: `/home/user-${agent}/work`, name: 'work' },
      source: {
        store: 'ide-1.x',
        record: null,
        ordinal: turn * 100 + place,
        content: 'redacted',
        inferred: [],
      } as const,
    };
    const told = base as unknown as Parameters<typeof makeEvent>[1];
    if (starts && place === 0) return makeEvent('session.started', { ...told, turn: null } as never);
    const from = starts ? 1 : 0;
    if (place === from)
      return makeEvent('prompt.submitted', { ...told, body: { text: words(120, agent, turn) } } as never);
    if (place === ids.length - 2)
      return makeEvent('agent.responded', { ...told, body: { text: words(400, agent, turn, 7) } } as never);
    if (place === ids.length - 1) return makeEvent('turn.ended', told as never);
    const call = CALLS[Math.floor(chance(agent, turn, place) * CALLS.length)] as CapsuleEvent;
    return {
      ...call,
      ...base,
      body: { ...call.body, callId: id, result: words(900, agent, turn, place) },
    } as unknown as CapsuleEvent;
  });
}
