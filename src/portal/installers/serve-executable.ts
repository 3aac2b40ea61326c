import { createReadStream } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream';
import { type Answer, notFound } from '../answer.ts';
import type { PortalContext } from '../portal-context.ts';
import type { Executable } from './executables.ts';

/**
 * `GET /v1/download/<file>`, to anyone: an executable is the same for everybody and holds no secret; whoever installs it
 * compares its checksum. Sent as it is read, so that it never lies in memory as a whole. `Range: bytes=<n>-` with `If-Range` goes
 * on where an earlier answer broke off, as long as the file is the same.
 */
export async function serveExecutable(portal: PortalContext, name: string): Promise<Answer> {
  const found = await portal.executables.find(name);
  if (found === undefined) throw notFound('executable');
  return {
    stream(response) {
      const from = startOf(response.req.headers, found);
      response.writeHead(from === 0 ? 200 : 206, {
        'content-type': 'application/octet-stream',
        'content-length': found.bytes - from,
        ...(from > 0 && { 'content-range': `bytes ${from}-${found.bytes - 1}/${found.bytes}` }),
        'accept-ranges': 'bytes',
        'content-disposition': `attachment; filename="${found.name}"`,
        'cache-control': 'no-cache',
        etag: `"${found.sha256}"`,
      });
      if (response.req.method === 'HEAD') {
        response.end();
        return;
      }
      pipeline(createReadStream(found.file, { start: from }), response, (error) => {
        // Who asked has gone, or the file has: the length that was promised tells them.
        if (error) response.destroy();
      });
    },
  };
}

/** The byte to begin with: 0 unless the rest of this very file is asked for. */
function startOf({ range, 'if-range': condition }: IncomingHttpHeaders, { bytes, sha256 }: Executable): number {
  const start = Number(/^bytes=(\d{1,15})-$/.exec(range ?? '')?.[1] ?? 0);
  return condition === `"${sha256}"` && start < bytes ? start : 0;
}
