import type { Stream } from '../../siem/stream.ts';
import { SEVERITY_NAMES, type SeverityName } from '../severity.tsx';

/** What the fields of a stream's form hold, as they are typed. */
export interface StreamWish {
  texts: typeof FIRST_TEXTS;
  severities: readonly SeverityName[];
  kinds: readonly string[];
}

const FIRST_TEXTS = {
  ...{ name: '', kind: 'syslog', host: '', port: '6514', transport: 'tls', ca: '', url: '' },
  ...{ facility: 'local0', appName: 'capsule', maxMessageBytes: '65536' },
  ...{ format: 'capsule', content: 'metadata', from: 'now' },
};
export type WishText = keyof typeof FIRST_TEXTS;

export const FIRST_WISH: StreamWish = { texts: FIRST_TEXTS, severities: SEVERITY_NAMES, kinds: [] };

/** A stream as the form shows it. Pure. */
export function wishOf({ name, destination, format, content, severities, kinds }: Stream): StreamWish {
  const { kind } = destination;
  const own =
    destination.kind === 'http'
      ? { url: destination.url }
      : {
          ...{ host: destination.host, port: String(destination.port), transport: destination.transport },
          ...{ ca: destination.ca ?? '', facility: destination.facility, appName: destination.appName },
          maxMessageBytes: String(destination.maxMessageBytes),
        };
  return { texts: { ...FIRST_TEXTS, name, kind, format, content, ...own }, severities, kinds };
}

/** As the API takes it; without `from`, which is of a new stream alone. Pure. */
export const bodyOf = ({ texts, severities, kinds }: StreamWish): object => ({
  ...{ name: texts.name.trim(), destination: destinationOf(texts), format: texts.format, content: texts.content },
  ...{ kinds, severities },
});

function destinationOf({ kind, host, port, transport, ca, url, ...texts }: StreamWish['texts']): object {
  if (kind === 'http') return { kind, url: url.trim() };
  return {
    ...{ kind, host: host.trim(), port: Number(port), transport },
    ...(transport === 'tls' && ca.trim() !== '' && { ca: ca.trim() }),
    ...{ facility: texts.facility, appName: texts.appName.trim(), maxMessageBytes: Number(texts.maxMessageBytes) },
  };
}
