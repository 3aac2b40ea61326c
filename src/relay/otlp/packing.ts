import { type AskPortal, isWorthPacking } from '../portal-client.ts';
import { judgeOtlp, lacksSignal } from './verdict.ts';

/**
 * Asks an endpoint that may not unpack what it is sent. OTLP wants every server to, but there are some that do not, and what
 * they answer (400, 415, 500) is what others answer for events they will never take. So what is refused packed is asked once
 * more as it is; when that is taken, nothing goes there packed any more until the next start.
 */
export function askUnpackedIfNeeded(ask: AskPortal): AskPortal {
  const bare = new Set<string>();
  return async (request) => {
    const { portal, body } = request;
    if (body === undefined || !isWorthPacking(body) || request.pack === false) return ask(request);
    const unpacked = { ...request, pack: false };
    if (bare.has(portal)) return ask(unpacked);
    const answer = await ask(request);
    if (!refuses(judgeOtlp(answer).act) || lacksSignal(answer)) return answer;
    const second = await ask(unpacked);
    if (judgeOtlp(second).act !== 'acknowledge') return answer;
    bare.add(portal);
    return second;
  };
}

const refuses = (act: string) => act === 'halve' || act === 'set-aside';
