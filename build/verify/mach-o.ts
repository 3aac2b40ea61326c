/**
 * Checks what a Mac would check before it starts an executable, as far as the file tells. Written from the format, and sharing
 * nothing with the signer: a misreading there must not confirm itself here.
 */
import { createHash } from 'node:crypto';

interface MachSegment {
  name: string;
  fileOffset: number;
  fileSize: number;
  sections: { name: string; offset: number; size: number; reserved: boolean }[];
}

interface MachFile {
  cpu: 'arm64' | 'x64' | 'other';
  segments: MachSegment[];
  signature: { offset: number; size: number } | undefined;
  fixups: { offset: number; size: number } | undefined;
  /** Bytes between the load commands and the first section. */
  room: number;
  /** `minos` of the build version, as in `13.5`. */
  minimumSystem: string;
}

/** What is wrong with the signature: nothing, when the list is empty. Pure. */
export function faultsOfSignature(file: Buffer): string[] {
  const mach = readMachFile(file);
  if (mach.signature === undefined) return ['it has no signature'];
  const { offset, size } = mach.signature;
  const faults: string[] = [];
  const check = (is: boolean, fault: string) => void (is || faults.push(fault));
  check(offset + size === file.length, 'the signature does not end the file');
  const linkEdit = mach.segments.at(-1);
  check(linkEdit?.name === '__LINKEDIT', '__LINKEDIT is not the last segment');
  check((linkEdit?.fileOffset ?? 0) + (linkEdit?.fileSize ?? 0) === file.length, '__LINKEDIT does not reach the end');
  const blob = file.subarray(offset, offset + size);
  check(blob.readUInt32BE(0) === 0xfade0cc0, 'the signature is no super blob');
  check(blob.readUInt32BE(4) <= size, 'the super blob is larger than its place');
  const directory = codeDirectory(blob);
  if (directory === undefined) return [...faults, 'there is no code directory'];
  const flags = directory.readUInt32BE(12);
  check((flags & 0x2) !== 0, 'it is not marked as ad hoc');
  check(directory.readUInt32BE(32) === offset, 'the code limit is not where the signature begins');
  check(directory[37] === 2 && directory[36] === 32, 'the hashes are not SHA-256');
  return [...faults, ...faultsOfPages(file, directory)];
}

function codeDirectory(blob: Buffer): Buffer | undefined {
  for (let n = 0; n < blob.readUInt32BE(8); n++) {
    const [slot, at] = [blob.readUInt32BE(12 + 8 * n), blob.readUInt32BE(16 + 8 * n)];
    if (slot === 0 && blob.readUInt32BE(at) === 0xfade0c02) return blob.subarray(at, at + blob.readUInt32BE(at + 4));
  }
  return undefined;
}

function faultsOfPages(file: Buffer, directory: Buffer): string[] {
  const [hashesAt, slots, limit] = [directory.readUInt32BE(16), directory.readUInt32BE(28), directory.readUInt32BE(32)];
  const pageSize = 2 ** (directory[39] ?? 0);
  if (slots !== Math.ceil(limit / pageSize)) return [`${slots} hashes for ${limit} bytes`];
  const wrong: number[] = [];
  if (hashesAt + 32 * slots > directory.length) return [`the code directory is too small for ${slots} hashes`];
  for (let slot = 0; slot < slots; slot++) {
    const page = file.subarray(slot * pageSize, Math.min((slot + 1) * pageSize, limit));
    const stored = directory.subarray(hashesAt + 32 * slot, hashesAt + 32 * (slot + 1));
    if (!createHash('sha256').update(page).digest().equals(stored)) wrong.push(slot);
  }
  return wrong.length === 0 ? [] : [`${wrong.length} of ${slots} pages have another hash, the first is ${wrong[0]}`];
}

/**
 * What sealing did to the Node it began with that it should not: code and data may differ in the header and in the one byte that
 * says "sealed", and nothing may have moved. Empty when all is well. Pure.
 */
export function faultsOfSealing(sealed: Buffer, base: Buffer, fuse: string): string[] {
  const [after, before] = [readMachFile(sealed), readMachFile(base)];
  const faults: string[] = [];
  if (after.cpu !== before.cpu) faults.push(`the processor is ${after.cpu} instead of ${before.cpu}`);
  for (const segment of before.segments.filter(({ name }) => name !== '__LINKEDIT')) {
    const now = after.segments.find(({ name }) => name === segment.name);
    if (now?.fileOffset !== segment.fileOffset) faults.push(`${segment.name} has moved`);
    else faults.push(...changedSections(sealed, base, segment, now, fuse));
  }
  if (!after.segments.some(({ name }) => name === 'NODE_SEA')) faults.push('there is no segment NODE_SEA');
  const counted =
    after.fixups && sealed.readUInt32LE(after.fixups.offset + sealed.readUInt32LE(after.fixups.offset + 4));
  if (counted !== undefined && counted !== after.segments.length) {
    faults.push(`the fixups count ${counted} segments of ${after.segments.length}`);
  }
  return faults;
}

function changedSections(
  sealed: Buffer,
  base: Buffer,
  before: MachSegment,
  after: MachSegment,
  fuse: string,
): string[] {
  return before.sections.flatMap((section, index) => {
    const now = after.sections[index];
    if (section.reserved) return [];
    if (now?.offset !== section.offset || now.size !== section.size) return [`${section.name} has moved`];
    const [one, other] = [base, sealed].map((file) =>
      Buffer.from(file.subarray(section.offset, section.offset + section.size)),
    );
    const flag = one?.indexOf(`${fuse}:0`) ?? -1;
    if (flag >= 0) one?.write(`${fuse}:1`, flag, 'latin1');
    return one !== undefined && other?.equals(one) ? [] : [`${section.name} of ${before.name} differs`];
  });
}

/** Reads the header and the load commands. Throws for anything but a whole 64-bit file of one architecture. Pure. */
export function readMachFile(file: Buffer): MachFile {
  if (file.readUInt32LE(0) !== 0xfeedfacf) throw new Error('no 64-bit Mach-O');
  const cpus: Record<number, MachFile['cpu']> = { 16777228: 'arm64', 16777223: 'x64' };
  const found: MachFile = {
    cpu: cpus[file.readUInt32LE(4)] ?? 'other',
    segments: [],
    signature: undefined,
    fixups: undefined,
    room: 0,
    minimumSystem: '',
  };
  let at = 32;
  for (let n = 0; n < file.readUInt32LE(16); n++) {
    const place = { offset: file.readUInt32LE(at + 8), size: file.readUInt32LE(at + 12) };
    switch (file.readUInt32LE(at)) {
      case 0x19:
        found.segments.push(readSegment(file, at));
        break;
      case 0x1d:
        found.signature = place;
        break;
      case 0x80000034:
        found.fixups = place;
        break;
      case 0x32:
        found.minimumSystem = `${file.readUInt16LE(at + 14)}.${file[at + 13]}`;
        break;
    }
    const size = file.readUInt32LE(at + 4);
    // Else a count of four thousand million of them would be believed.
    if (size < 8) throw new Error(`load command ${n} has ${size} bytes`);
    at += size;
  }
  const starts = found.segments
    .flatMap(({ sections }) => sections.map(({ offset }) => offset))
    .filter((each) => each > 0);
  found.room = Math.min(...starts) - at;
  return found;
}

function readSegment(file: Buffer, at: number): MachSegment {
  const text = (from: number) => file.toString('latin1', from, from + 16).replace(/\0.*$/s, '');
  const count = file.readUInt32LE(at + 64);
  if (at + 72 + 80 * count > file.length) throw new Error(`a segment of ${count} sections is cut off`);
  const sections = Array.from({ length: count }, (_, n) => {
    const section = at + 72 + 80 * n;
    // Zero-filled sections have no bytes in the file.
    const reserved = [0x1, 0xc, 0x12].includes(file.readUInt32LE(section + 64) & 0xff);
    return {
      name: text(section),
      offset: file.readUInt32LE(section + 48),
      size: Number(file.readBigUInt64LE(section + 40)),
      reserved,
    };
  });
  return {
    name: text(at + 8),
    fileOffset: Number(file.readBigUInt64LE(at + 40)),
    fileSize: Number(file.readBigUInt64LE(at + 48)),
    sections,
  };
}
