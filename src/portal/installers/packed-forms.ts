import { createGunzip, createZstdDecompress } from 'node:zlib';
import { digestOnce } from './digest-file.ts';
import type { Executable } from './executables.ts';

/** An executable as it travels to whoever can unpack it: a third of its size. */
export interface PackedForm {
  /** As `content-encoding` says it. */
  encoding: 'zstd' | 'gzip';
  bytes: number;
  file: string;
}

/** The smaller first. gzip is for Macs and older systems, whose curl knows nothing else. */
const KINDS = [
  { encoding: 'zstd', ending: '.zst', unpack: createZstdDecompress },
  { encoding: 'gzip', ending: '.gz', unpack: createGunzip },
] as const;

/** Answers with the packed forms of an executable, the smaller first. */
export type FindPacked = (executable: Executable) => Promise<PackedForm[]>;

/**
 * Those are the files beside an executable that are named after it (`….zst`, `….gz`) and hold that executable, which is tried by
 * unpacking them. One of another executable, or a broken one, is passed over: nobody is sent what would be refused for its
 * checksum.
 */
export function findPackedForms(): FindPacked {
  const kinds = KINDS.map((kind) => ({ ...kind, digest: digestOnce(kind.unpack) }));
  return async (executable) => {
    const found = await Promise.all(
      kinds.map(async ({ encoding, ending, digest }) => {
        const file = `${executable.file}${ending}`;
        const held = await digest(file);
        return held?.sha256 === executable.sha256 ? [{ encoding, bytes: held.bytes, file }] : [];
      }),
    );
    return found.flat();
  };
}

/** The first of these forms that an `accept-encoding` allows; undefined when it allows none. Pure. */
export function chooseForm(forms: readonly PackedForm[], accepts: string | undefined): PackedForm | undefined {
  const allowed = (accepts ?? '')
    .split(',')
    .map((each) => each.split(';').map((part) => part.trim().toLowerCase()))
    .filter(([, quality]) => !/^q=0(\.0*)?$/.test(quality ?? ''))
    .map(([encoding]) => encoding);
  return forms.find(({ encoding }) => allowed.includes(encoding));
}
