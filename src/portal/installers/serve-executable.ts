import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { type Answer, notFound } from '../answer.ts';
import type { PortalContext } from '../portal-context.ts';

/**
 * `GET /v1/download/<file>`, to anyone: an executable is the same for everybody and holds no secret; whoever installs it
 * compares its checksum. Sent as it is read, so that it never lies in memory as a whole.
 */
export async function serveExecutable(portal: PortalContext, name: string): Promise<Answer> {
  const found = await portal.executables.find(name);
  if (found === undefined) throw notFound('executable');
  return {
    stream(response) {
      response.writeHead(200, {
        'content-type': 'application/octet-stream',
        'content-length': found.bytes,
        'content-disposition': `attachment; filename="${found.name}"`,
        'cache-control': 'no-cache',
        etag: `"${found.sha256}"`,
      });
      if (response.req.method === 'HEAD') {
        response.end();
        return;
      }
      pipeline(createReadStream(found.file), response, (error) => {
        // Who asked has gone, or the file has: the length that was promised tells them.
        if (error) response.destroy();
      });
    },
  };
}
