import { count } from '../../say.ts';
import { type Check, found, passed, skipped } from '../check.ts';

export const otlpRefused: Check = {
  id: 'otlp.refused',
  title: 'the OpenTelemetry endpoint has refused no event',
  why: 'Refused events are kept aside on this machine and are not at the endpoint.',
  remedy: 'See what `otlp.accepts` says; the log says what the endpoint said.',
  needs: ['settings.valid'],
  async run({ own }, facts) {
    if (facts.settings()['otlp.endpoint'] === null) return skipped('no OpenTelemetry endpoint is set');
    const look = await facts.daemon();
    if (look.is !== 'up') return skipped('only a daemon that runs can say');
    const aside = look.state.depths?.otlp.rejected ?? 0;
    const partly = look.state.otlp?.partlyRejected ?? 0;
    const read = [own.database];
    if (aside + partly === 0) return passed(read);
    const said = [
      ...(aside === 0 ? [] : [`${count(aside, 'event')} refused and kept aside`]),
      ...(partly === 0 ? [] : [`${partly} spans or log records not taken since the daemon’s start`]),
    ];
    return found('warn', read, said, {
      say: 'See what otlp.accepts says; the log says what the endpoint said',
      command: 'capsule-kiro diagnose --only otlp',
    });
  },
};
