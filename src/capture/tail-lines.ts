/**
 * Reading a growing file of lines from where we stopped: only lines that are complete, never past the last line feed, in
 * bounded pieces, and starting over when the file is not the one we knew.
 */
import { constants, type FileHandle, open } from 'node:fs/promises';

/** Where reading stopped. Plain JSON. */
export interface TailPosition {
  /** Byte offset of the next line. */
  offset: number;
  /** The file's inode; null before the first look. */
  inode: string | null;
  /** `offset` is inside a line that is too long to be read and is being passed over. */
  skipping: boolean;
}

export interface TailedLine {
  /** Byte offset of its first byte. */
  offset: number;
  /** Byte offset after its line feed. */
  end: number;
  /** Without line feed and carriage return; invalid UTF-8 reads as U+FFFD. */
  text: string;
}

export interface Tail {
  lines: TailedLine[];
  position: TailPosition;
  /** The file's size when it was looked at, or where it was taken to end. */
  size: number;
  /** The file was replaced or cut since `from`, so the lines come from its beginning. */
  restarted: boolean;
  /** Lines that were passed over for their length. */
  tooLong: number;
  /** There may be more complete lines: call again with `position`. */
  more: boolean;
}

export interface TailLimits {
  /** Most bytes of lines in one call, unless a single line is longer. */
  chunkBytes: number;
  /** A longer line is passed over. */
  lineBytes: number;
  /** The file is taken to end here, whatever was added since. */
  end?: number;
}

/** Small pieces: what one of them makes in memory is a multiple of it, and a live turn never waits long for an old one. */
export const TAIL_LIMITS: TailLimits = { chunkBytes: 512 * 1024, lineBytes: 16 * 1024 * 1024 };
export const FILE_START: TailPosition = { offset: 0, inode: null, skipping: false };

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The next complete lines of `file` after `from`, or null when it is not a regular file. Missing: throws ENOENT. */
export async function tailLines(file: string, from: TailPosition, limits = TAIL_LIMITS): Promise<Tail | null> {
  const handle = await openRegular(file);
  if (handle === null) return null;
  try {
    const { ino, size: bigSize } = await handle.stat({ bigint: true });
    const inode = String(ino);
    const size = Math.min(Number(bigSize), limits.end ?? Number.POSITIVE_INFINITY);
    const known = from.inode === null || (from.inode === inode && (await stillFits(handle, from, size)));
    const start = known ? { ...from, inode } : { ...FILE_START, inode };
    const read = await readLines(handle, start, size, limits);
    return { ...read, size, restarted: !known };
  } finally {
    await handle.close();
  }
}

/** The line that begins at `offset`, or null when there is no complete one of readable length. */
export async function readLineAt(file: string, offset: number): Promise<string | null> {
  const handle = await openRegular(file);
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    const limits = { ...TAIL_LIMITS, chunkBytes: 64 * 1024 };
    const { lines } = await readLines(handle, { offset, inode: null, skipping: false }, size, limits);
    return lines[0]?.offset === offset ? lines[0].text : null;
  } finally {
    await handle.close();
  }
}

/** A FIFO would block for ever and a link could lead anywhere: neither is opened. */
export async function openRegular(file: string): Promise<FileHandle | null> {
  // Windows has no such flags, and Node then leaves the constants out.
  const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;
  const handle = await open(file, constants.O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  return null;
}

/** A file that was cut, or cut and filled again, no longer has the end of a line where we stopped. */
async function stillFits(handle: FileHandle, { offset, skipping }: TailPosition, size: number): Promise<boolean> {
  if (size < offset) return false;
  if (offset === 0 || skipping) return true;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, offset - 1);
  return buffer[0] === LINE_FEED;
}

async function readLines(
  handle: FileHandle,
  start: TailPosition,
  size: number,
  { chunkBytes, lineBytes }: TailLimits,
): Promise<Pick<Tail, 'lines' | 'position' | 'tooLong' | 'more'>> {
  const bytes = await readAt(handle, start.offset, Math.min(chunkBytes, size - start.offset));
  const last = bytes.lastIndexOf(LINE_FEED);
  const reachesEnd = start.offset + bytes.length >= size;
  if (last >= 0) {
    const lines = splitLines(bytes.subarray(0, last + 1), start.offset);
    // The first of them is only the rest of a line that was given up.
    const tooLong = start.skipping ? 1 : 0;
    const position = { ...start, offset: start.offset + last + 1, skipping: false };
    return { lines: lines.slice(tooLong), position, tooLong, more: !reachesEnd };
  }
  if (start.skipping) {
    const position = { ...start, offset: start.offset + bytes.length };
    return { lines: [], position, tooLong: 0, more: !reachesEnd };
  }
  if (chunkBytes < lineBytes && !reachesEnd) {
    return readLines(handle, start, size, { chunkBytes: Math.min(chunkBytes * 2, lineBytes), lineBytes });
  }
  if (bytes.length < lineBytes) return { lines: [], position: start, tooLong: 0, more: false };
  const position = { ...start, offset: start.offset + bytes.length, skipping: true };
  return { lines: [], position, tooLong: 0, more: !reachesEnd };
}

/** `length` bytes from `offset`, fewer only at the end of the file. */
export async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function splitLines(bytes: Buffer, base: number): TailedLine[] {
  const lines: TailedLine[] = [];
  for (let at = 0; at < bytes.length; ) {
    const feed = bytes.indexOf(LINE_FEED, at);
    const textEnd = feed > at && bytes[feed - 1] === CARRIAGE_RETURN ? feed - 1 : feed;
    lines.push({ offset: base + at, end: base + feed + 1, text: bytes.toString('utf8', at, textEnd) });
    at = feed + 1;
  }
  return lines;
}
