/** Packs executables for the way to those who install them: the portal sends these to whoever can unpack them. */
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, gzip, zstdCompress } from 'node:zlib';

/** The endings of the packed files, which the portal looks for beside an executable. */
export const PACKED = ['.zst', '.gz'] as const;

/**
 * Writes `<file>.zst` and `<file>.gz`, the same for the same file. A zstd window of 8 MiB is the largest that every receiver of
 * `content-encoding: zstd` has to take (RFC 9659).
 */
export async function pack(file: string): Promise<void> {
  const bytes = await readFile(file);
  const { ZSTD_c_compressionLevel: level, ZSTD_c_windowLog: windowLog } = constants;
  const options = { params: { [level]: 19, [windowLog]: 23 } };
  const [zstd, gzipped] = await Promise.all([
    promisify(zstdCompress)(bytes, options),
    promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
  ]);
  await writeFile(`${file}.zst`, zstd);
  await writeFile(`${file}.gz`, gzipped);
}
