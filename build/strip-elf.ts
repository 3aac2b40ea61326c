/** Takes symbols and debugging data out of a Linux executable: a quarter of Node's size, of no use to whoever runs it. */

const ALLOCATED = 2n;
const STRTAB = 3;
const HEADER = 64;

/** One entry of the table of sections, with its place in that table's layout. */
interface Section {
  bytes: Buffer;
  name: string;
}

/**
 * The same 64-bit little-endian ELF file without the sections that are not loaded. What is loaded keeps its bytes and place.
 * Throws when such a section lies before one that is loaded, or when the file is of another kind. Pure.
 */
export function stripElf(file: Buffer): Buffer {
  if (file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) {
    throw new Error('This is no 64-bit little-endian ELF file');
  }
  const sections = readSections(file);
  const loaded = sections.filter(({ bytes }, index) => index === 0 || (bytes.readBigUInt64LE(8) & ALLOCATED) !== 0n);
  if (sections.slice(0, loaded.length).some((section, index) => section !== loaded[index])) {
    throw new Error('A section that is not loaded lies before one that is');
  }
  const end = Math.max(...loaded.map(endOf), endOfSegments(file));
  const names = Buffer.from(`${['', ...loaded.slice(1).map(({ name }) => name), '.shstrtab'].join('\0')}\0`);
  const table: Buffer[] = loaded.map(({ bytes }) => Buffer.from(bytes));
  let at = 1;
  for (const [index, { name }] of loaded.entries()) {
    if (index === 0) continue;
    table[index]?.writeUInt32LE(at, 0);
    at += name.length + 1;
  }
  table.push(stringTable(at, end, names.length));
  const tableAt = align(end + names.length, 8);
  const head = Buffer.from(file.subarray(0, end));
  head.writeBigUInt64LE(BigInt(tableAt), 40);
  head.writeUInt16LE(table.length, 60);
  head.writeUInt16LE(table.length - 1, 62);
  return Buffer.concat([head, names, Buffer.alloc(tableAt - end - names.length), ...table]);
}

function readSections(file: Buffer): Section[] {
  const at = Number(file.readBigUInt64LE(40));
  const [count, namesIndex] = [file.readUInt16LE(60), file.readUInt16LE(62)];
  const all = Array.from({ length: count }, (_, n) => file.subarray(at + n * HEADER, at + (n + 1) * HEADER));
  const names = Number(all[namesIndex]?.readBigUInt64LE(24));
  return all.map((bytes) => {
    const start = names + bytes.readUInt32LE(0);
    return { bytes, name: file.toString('latin1', start, file.indexOf(0, start)) };
  });
}

/** Where a section's bytes end in the file; one that is only reserved memory (NOBITS) has none. */
function endOf({ bytes }: Section): number {
  return bytes.readUInt32LE(4) === 8 ? 0 : Number(bytes.readBigUInt64LE(24) + bytes.readBigUInt64LE(32));
}

function endOfSegments(file: Buffer): number {
  const at = Number(file.readBigUInt64LE(32));
  const ends = Array.from({ length: file.readUInt16LE(56) }, (_, n) => {
    const segment = at + n * file.readUInt16LE(54);
    return Number(file.readBigUInt64LE(segment + 8) + file.readBigUInt64LE(segment + 32));
  });
  return Math.max(...ends);
}

function stringTable(name: number, offset: number, size: number): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(name, 0);
  header.writeUInt32LE(STRTAB, 4);
  header.writeBigUInt64LE(BigInt(offset), 24);
  header.writeBigUInt64LE(BigInt(size), 32);
  header.writeBigUInt64LE(1n, 48);
  return header;
}

const align = (value: number, unit: number): number => Math.ceil(value / unit) * unit;
