import { createReadStream } from 'node:fs';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream';
import { type Answer, notFound } from '../answer.ts';
import type { PortalContext } from '../portal-context.ts';
import type { Executable } from './executables.ts';
import { chooseForm, type PackedForm } from './packed-forms.ts';

/**
 * `GET /v1/download/<file>`, to anyone: an executable is the same for everybody and holds no secret; whoever installs it
 * compares its checksum. Sent as it is read, so that it never lies in memory as a whole. `Range: bytes=<n>-` with `If-Range` goes
 * on where an earlier answer broke off, as long as the file is the same. Packed for whoever can unpack it, where a packed form
 * lies beside the executable.
 */
export async function serveExecutable(portal: PortalContext, name: string): Promise<Answer> {
  const found = await portal.executables.find(name);
  if (found === undefined) throw notFound('executable');
  const forms = await portal.executables.packed(found);
  return {
    stream(response) {
      const { headers, method } = response.req;
      // Whoever goes on does so in the bare bytes: those are what an upgrade keeps a part of.
      const form = headers.range === undefined ? chooseForm(forms, headers['accept-encoding']) : undefined;
      const from = startOf(headers, found);
      response.writeHead(from === 0 ? 200 : 206, {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${found.name}"`,
        'cache-control': 'no-cache',
        vary: 'accept-encoding',
        ...(form === undefined ? bareHeaders(found, from) : packedHeaders(found, form)),
      });
      if (method === 'HEAD') {
        response.end();
        return;
      }
      pipeline(createReadStream(form?.file ?? found.file, { start: from }), response, (error) => {
        // Who asked has gone, or the file has: the length that was promised tells them.
        if (error) response.destroy();
      });
    },
  };
}

function bareHeaders({ bytes, sha256 }: Executable, from: number): OutgoingHttpHeaders {
  return {
    'content-length': bytes - from,
    ...(from > 0 && { 'content-range': `bytes ${from}-${bytes - 1}/${bytes}` }),
    'accept-ranges': 'bytes',
    etag: `"${sha256}"`,
  };
}

function packedHeaders({ sha256 }: Executable, { encoding, bytes }: PackedForm): OutgoingHttpHeaders {
  return { 'content-encoding': encoding, 'content-length': bytes, etag: `"${sha256}-${encoding}"` };
}

/** The byte to begin with: 0 unless the rest of this very file is asked for. */
function startOf({ range, 'if-range': condition }: IncomingHttpHeaders, { bytes, sha256 }: Executable): number {
  const start = Number(/^bytes=(\d{1,15})-$/.exec(range ?? '')?.[1] ?? 0);
  return condition === `"${sha256}"` && start < bytes ? start : 0;
}
