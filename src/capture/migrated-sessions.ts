import type { SessionSource, SourceRead, SweepStep } from './session-source.ts';

/** Only what came from Kiro 0.x or CLI 2 has an id of these forms in the store of 1.x (kiro/README S1). */
const FROM_ELSEWHERE = /^(?:cli_.*|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

/**
 * The sessions of Kiro 1.x without what was moved there from 0.x or CLI 2: until then the store it comes from tells of it, from
 * then on this one, so that each turn is told once. `movedAt` answers in ms, null for a session that was not moved.
 */
export function withoutMigrated(
  source: SessionSource,
  movedAt: (sessionId: string) => Promise<number | null>,
): SessionSource {
  const since = async (sessionId: string, read: SourceRead): Promise<SourceRead> => {
    const moved = read.events.length > 0 && FROM_ELSEWHERE.test(sessionId) ? await movedAt(sessionId) : null;
    if (moved === null) return read;
    // The start is told all the same: it says what is configured around the session in the Kiro it is in now.
    const events = read.events.filter(({ kind, time }) => kind === 'session.started' || Date.parse(time) > moved);
    return { ...read, events };
  };
  return {
    ...source,
    async *sweep(...given): AsyncGenerator<SweepStep> {
      for await (const { sessionId, read } of source.sweep(...given))
        yield { sessionId, read: await since(sessionId, read) };
    },
    async read(sessionId, ...given) {
      const read = await source.read(sessionId, ...given);
      return read === undefined ? undefined : since(sessionId, read);
    },
    async finish(sessionId, ...given) {
      const read = await source.finish(sessionId, ...given);
      return read === undefined ? undefined : since(sessionId, read);
    },
  };
}
