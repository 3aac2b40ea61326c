/** Archives of plain files in the POSIX `ustar` format: no links, no owners, nothing that unpacking could be tricked by. Pure. */

export interface ArchivedFile {
  /** Relative, ASCII, at most 100 bytes. */
  name: string;
  bytes: Buffer;
}

const BLOCK = 512;

/** The archive's bytes. Every file is the owner's alone to read. Throws on a name that the format or common sense forbids. */
export function packTar(files: readonly ArchivedFile[], time: Date): Buffer {
  const parts = files.flatMap(({ name, bytes }) => [header(name, bytes.length, time), bytes, padding(bytes.length)]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** Names and sizes, in order, of an archive that `packTar` made. */
export function listTar(archive: Buffer): { name: string; bytes: number }[] {
  const files: { name: string; bytes: number }[] = [];
  for (let at = 0; at < archive.length && archive[at] !== 0; ) {
    const name = archive.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const bytes = Number.parseInt(archive.toString('latin1', at + 124, at + 135), 8);
    files.push({ name, bytes });
    at += BLOCK + bytes + padding(bytes).length;
  }
  return files;
}

function header(name: string, size: number, time: Date): Buffer {
  if (!/^[\w][\w./-]{0,99}$/.test(name) || name.includes('..')) throw new TypeError(`${name} cannot be archived`);
  const block = Buffer.alloc(BLOCK);
  const put = (text: string, at: number) => block.write(text, at, 'latin1');
  put(name, 0);
  put(octal(0o600, 7), 100);
  put(octal(0, 7), 108);
  put(octal(0, 7), 116);
  put(octal(size, 11), 124);
  put(octal(Math.floor(time.getTime() / 1000), 11), 136);
  // The checksum counts itself as blanks.
  put(' '.repeat(8), 148);
  put('0', 156);
  put('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${octal(sum, 6)}\0 `, 148);
  return block;
}

const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');

const padding = (size: number) => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
