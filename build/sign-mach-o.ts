/**
 * Signs macOS executables ad hoc, as linkers do: macOS on Apple's processors starts nothing without a signature. It says that
 * the file is whole, not whose it is. The layout is that of Apple's open `cs_blobs.h` and `mach-o/loader.h`.
 */
import { createHash } from 'node:crypto';

const MAGIC_64 = 0xfeedfacf;
const CPU_ARM64 = 0x0100000c;
const MAIN_EXECUTABLE = 2;
const HEADER_SIZE = 32;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const LC_CODE_SIGNATURE_SIZE = 16;

const SUPER_BLOB = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
/** The version whose last fields tell where the main executable's code is. */
const CODE_DIRECTORY_VERSION = 0x20400;
const CODE_DIRECTORY_SIZE = 88;
/** Ad hoc, and by a linker: `codesign` then replaces it without being forced. */
const FLAGS = 0x2 | 0x20000;
const SHA256 = { type: 2, size: 32 };
const PAGE_BITS = 12;
const PAGE = 1 << PAGE_BITS;

interface Segment {
  /** Where its load command is. */
  command: number;
  offset: number;
  size: number;
}

interface Layout {
  arm64: boolean;
  main: boolean;
  text: Segment;
  linkEdit: Segment;
  /** The load command of a signature that is there, and where that signature begins. */
  signature: { command: number; offset: number } | undefined;
  /** Where the load commands end, and where the first section begins: between them is room. */
  commandsEnd: number;
  firstSection: number;
}

/**
 * The same executable with an ad-hoc signature in the name of `identifier`, in place of one it may have had. Throws when the file
 * is no 64-bit Mach-O of one architecture, or has no room for the signature's load command. Pure.
 */
export function signAdHoc(file: Buffer, identifier: string): Buffer {
  const layout = readLayout(file);
  const { linkEdit, signature } = layout;
  const contentEnd = signature?.offset ?? linkEdit.offset + linkEdit.size;
  if (signature === undefined && contentEnd !== file.length) throw new Error('__LINKEDIT does not end the file');
  const start = align(contentEnd, 16);
  const size = align(blobSize(identifier, start), 16);
  const signed = Buffer.alloc(start + size);
  file.copy(signed, 0, 0, contentEnd);
  pointToSignature(signed, layout, start, size);
  superBlob(signed, layout, identifier, start).copy(signed, start);
  return signed;
}

function readLayout(file: Buffer): Layout {
  if (file.readUInt32LE(0) !== MAGIC_64) throw new Error('This is no 64-bit Mach-O file of one architecture');
  const segments = new Map<string, Segment>();
  let signature: Layout['signature'];
  let firstSection = Number.POSITIVE_INFINITY;
  let command = HEADER_SIZE;
  for (let left = file.readUInt32LE(16); left > 0; left--) {
    const type = file.readUInt32LE(command);
    if (type === LC_SEGMENT_64) {
      const name = file.toString('latin1', command + 8, command + 24).replace(/\0+$/, '');
      const [offset, size] = [40, 48].map((at) => Number(file.readBigUInt64LE(command + at))) as [number, number];
      segments.set(name, { command, offset, size });
      firstSection = Math.min(firstSection, ...sectionOffsets(file, command));
    }
    if (type === LC_CODE_SIGNATURE) signature = { command, offset: file.readUInt32LE(command + 8) };
    command += file.readUInt32LE(command + 4);
  }
  const [text, linkEdit] = [segments.get('__TEXT'), segments.get('__LINKEDIT')];
  if (text === undefined || linkEdit === undefined) throw new Error('__TEXT or __LINKEDIT is missing');
  const arm64 = file.readUInt32LE(4) === CPU_ARM64;
  const main = file.readUInt32LE(12) === MAIN_EXECUTABLE;
  return { arm64, main, text, linkEdit, signature, commandsEnd: command, firstSection };
}

/** Where a segment's sections begin in the file; those that are only reserved memory begin nowhere. */
function sectionOffsets(file: Buffer, command: number): number[] {
  const count = file.readUInt32LE(command + 64);
  return Array.from({ length: count }, (_, n) => file.readUInt32LE(command + 72 + n * 80 + 48)).filter((at) => at > 0);
}

/** Writes the load command, a new one if need be, and lets `__LINKEDIT` reach to the signature's end. */
function pointToSignature(file: Buffer, layout: Layout, start: number, size: number): void {
  let at = layout.signature?.command;
  if (at === undefined) {
    at = layout.commandsEnd;
    if (at + LC_CODE_SIGNATURE_SIZE > layout.firstSection) throw new Error('There is no room for another load command');
    file.writeUInt32LE(file.readUInt32LE(16) + 1, 16);
    file.writeUInt32LE(file.readUInt32LE(20) + LC_CODE_SIGNATURE_SIZE, 20);
  }
  writeLittle(file, at, [LC_CODE_SIGNATURE, LC_CODE_SIGNATURE_SIZE, start, size]);
  const { command, offset } = layout.linkEdit;
  const inFile = start + size - offset;
  file.writeBigUInt64LE(BigInt(align(inFile, layout.arm64 ? 16_384 : 4_096)), command + 32);
  file.writeBigUInt64LE(BigInt(inFile), command + 48);
}

const pageCount = (end: number): number => Math.ceil(end / PAGE);
const directorySize = (identifier: string, end: number): number =>
  CODE_DIRECTORY_SIZE + identifier.length + 1 + pageCount(end) * SHA256.size;
const blobSize = (identifier: string, end: number): number => 20 + directorySize(identifier, end);

/** The signature: an index of one entry, and the code directory with the hash of every page before it. */
function superBlob(file: Buffer, layout: Layout, identifier: string, end: number): Buffer {
  const head = Buffer.alloc(20);
  writeBig(head, 0, [SUPER_BLOB, blobSize(identifier, end), 1, 0, head.length]);
  const fixed = Buffer.alloc(CODE_DIRECTORY_SIZE);
  const hashesAt = CODE_DIRECTORY_SIZE + identifier.length + 1;
  const length = directorySize(identifier, end);
  writeBig(fixed, 0, [CODE_DIRECTORY, length, CODE_DIRECTORY_VERSION, FLAGS, hashesAt, CODE_DIRECTORY_SIZE]);
  // No special slots (requirements, entitlements, resources): an ad-hoc signature has none.
  writeBig(fixed, 24, [0, pageCount(end), end]);
  fixed.set([SHA256.size, SHA256.type, 0, PAGE_BITS], 36);
  fixed.writeBigUInt64BE(BigInt(layout.text.offset), 64);
  fixed.writeBigUInt64BE(BigInt(layout.text.size), 72);
  fixed.writeBigUInt64BE(layout.main ? 1n : 0n, 80);
  const hashes = Array.from({ length: pageCount(end) }, (_, page) =>
    createHash('sha256')
      .update(file.subarray(page * PAGE, Math.min((page + 1) * PAGE, end)))
      .digest(),
  );
  return Buffer.concat([head, fixed, Buffer.from(`${identifier}\0`, 'latin1'), ...hashes]);
}

function writeLittle(buffer: Buffer, at: number, values: readonly number[]): void {
  for (const [n, value] of values.entries()) buffer.writeUInt32LE(value, at + 4 * n);
}

function writeBig(buffer: Buffer, at: number, values: readonly number[]): void {
  for (const [n, value] of values.entries()) buffer.writeUInt32BE(value, at + 4 * n);
}

const align = (value: number, unit: number): number => Math.ceil(value / unit) * unit;
