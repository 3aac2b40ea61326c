import { Failure } from '../../../core/failure.ts';
import type { Platform } from '../../../core/host.ts';
import type { Settings } from '../../../core/settings.ts';
import { type Headers, readHeadersFile } from '../../../relay/otlp/headers-file.ts';
import { networkIn } from '../../network-in.ts';
import { type Check, type Finding, found, passed, skipped } from '../check.ts';

export const otlpAccepts: Check = {
  id: 'otlp.accepts',
  title: 'the OpenTelemetry endpoint takes what we send',
  why: 'What it refuses for good is kept aside on this machine and is not sent again.',
  remedy: 'Check `otlp.endpoint` (the address before `/v1/traces`), the headers, and the certificate.',
  needs: ['otlp.headers', 'otlp.reachable'],
  async run({ platform }, facts) {
    const settings = facts.settings();
    const endpoint = settings['otlp.endpoint'];
    if (endpoint === null) return skipped('no OpenTelemetry endpoint is set');
    const { portalClient } = await import('../../../relay/portal-client.ts');
    const { pathBelow } = await import('../../../relay/otlp/sender.ts');
    const { judgeOtlp, lacksSignal } = await import('../../../relay/otlp/verdict.ts');
    const ask = portalClient({ network: () => networkIn(settings), peer: 'the OpenTelemetry endpoint' });
    const headers = headersIn(settings, platform);
    const post = (path: string, body: string) => ask({ portal: endpoint, path, body, headers });
    const [traces, logs] = [pathBelow(endpoint, 'v1/traces'), pathBelow(endpoint, 'v1/logs')];
    const answer = await post(traces, '{"resourceSpans":[]}');
    const verdict = judgeOtlp(answer);
    const read = [`POST ${new URL(traces, endpoint).href} without a span`];
    if (verdict.act !== 'acknowledge') return refused(verdict.why, answer.status, read);
    read.push(`POST ${new URL(logs, endpoint).href} without a record`);
    return lacksSignal(await post(logs, '{"resourceLogs":[]}'))
      ? passed(read, 'it knows no log records: session starts and gaps go there as spans')
      : passed(read);
  },
};

/** What is wrong with the file is another check's to say. */
function headersIn({ 'otlp.headersFile': file }: Settings, platform: Platform): Headers {
  try {
    return file === null ? {} : readHeadersFile(file, platform);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return {};
  }
}

function refused(why: string, status: number | null, read: string[]): Finding {
  if (status === 401 || status === 403) {
    return found('fail', read, [why], {
      say: 'The key is missing or wrong: correct the file that otlp.headersFile names',
    });
  }
  if (status === 404 || status === 405) {
    return found('fail', read, [why], {
      say: 'Name the address before /v1/traces: capsule-kiro config set otlp.endpoint https://…',
    });
  }
  return found(status === null ? 'fail' : 'warn', read, [why], { say: 'See whether the endpoint is well' });
}
