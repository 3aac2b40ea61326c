import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, systemCode } from '../../core/failure.ts';
import type { Answer } from '../answer.ts';
import type { PortalContext } from '../portal-context.ts';

/** What a file is, by the name of its format. */
export const TYPES = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson; charset=utf-8',
  markdown: 'text/markdown; charset=utf-8',
} as const;

/** Answers with a file that is sent as it is made. A failure destroys the response: cut off, it is not taken for the whole. */
export const sendFile = (
  portal: PortalContext,
  { name, type }: { name: string; type: string },
  pieces: AsyncIterable<string>,
): Answer => ({
  stream(response) {
    response.writeHead(200, {
      'content-type': type,
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    });
    pipeline(Readable.from(pieces), response).catch((error: unknown) => {
      if (systemCode(error) === 'ERR_STREAM_PREMATURE_CLOSE') return;
      portal.log.error('an export broke off', { reason: describe(error) });
    });
  },
});
