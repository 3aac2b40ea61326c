import { Failure } from '../../../core/failure.ts';
import { readHeadersFile } from '../../../relay/otlp/headers-file.ts';
import { type Check, found, passed, skipped } from '../check.ts';

export const otlpHeaders: Check = {
  id: 'otlp.headers',
  title: 'the headers for OpenTelemetry can be read, by us alone',
  why: 'They hold a key: without them, or while others can read them, nothing is sent to OpenTelemetry.',
  remedy: 'Put `NAME: VALUE` lines into a file of mode 600, then `capsule-kiro config set otlp.headersFile FILE`.',
  needs: ['settings.valid'],
  run({ platform }, facts) {
    const { 'otlp.endpoint': endpoint, 'otlp.headersFile': file } = facts.settings();
    if (endpoint === null) return skipped('no OpenTelemetry endpoint is set');
    if (file === null) return skipped('no file of headers is set');
    try {
      return passed([file], `it names ${Object.keys(readHeadersFile(file, platform)).join(', ') || 'none'}`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return found('fail', [file], [error.message], {
        say: 'Put NAME: VALUE lines into a file that only you can read (chmod 600), then: capsule-kiro config set otlp.headersFile FILE',
      });
    }
  },
};
