/** Small Mach-O files with what the format asks for, for the tests of what signs and reads them. */

export const CODE_AT = 4_096;
export const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

export interface MachParts {
  code?: string;
  links?: string;
  arm64?: boolean;
  /** Bytes between the load commands and the first section, as far as they fit. */
  room?: number;
  /** What is sealed in, in a segment of its own. */
  sealed?: string | undefined;
  /** How many segments the chained fixups count; none where there are no fixups. */
  counted?: number;
}

/** `__TEXT` with one section, `NODE_SEA` when something is sealed in, `__LINKEDIT` with the fixups, nothing else. */
export function machFile(parts: MachParts = {}): Buffer {
  const { code = `code ${FUSE}:0`, links = 'links', arm64 = true, room = 4_000, sealed, counted } = parts;
  const [text, sea] = [Buffer.from(code), Buffer.from(sealed ?? '')];
  const fixups = counted === undefined ? Buffer.alloc(0) : fixupsCounting(counted);
  const linkEdit = Buffer.concat([fixups, Buffer.from(links)]);
  const seaAt = CODE_AT + text.length;
  const linkEditAt = seaAt + sea.length;
  const commands = [
    segment('__TEXT', 0, seaAt, { name: '__text', offset: CODE_AT, size: text.length }),
    ...(sealed === undefined ? [] : [segment('NODE_SEA', seaAt, sea.length)]),
    segment('__LINKEDIT', linkEditAt, linkEdit.length),
    ...(counted === undefined ? [] : [fixupsCommand(linkEditAt, fixups.length)]),
  ];
  const size = commands.reduce((sum, { length }) => sum + length, 0);
  // The first section's place says how much room there is.
  commands[0]?.writeUInt32LE(Math.min(CODE_AT, 32 + size + room), 72 + 48);
  const file = Buffer.alloc(linkEditAt);
  for (const [n, value] of [0xfeedfacf, arm64 ? 0x0100000c : 0x01000007, 0, 2, commands.length, size].entries())
    file.writeUInt32LE(value, 4 * n);
  Buffer.concat(commands).copy(file, 32);
  text.copy(file, CODE_AT);
  sea.copy(file, seaAt);
  return Buffer.concat([file, linkEdit]);
}

function segment(
  name: string,
  offset: number,
  size: number,
  section?: { name: string; offset: number; size: number },
): Buffer {
  const command = Buffer.alloc(72 + (section === undefined ? 0 : 80));
  command.writeUInt32LE(0x19, 0);
  command.writeUInt32LE(command.length, 4);
  command.write(name, 8);
  command.writeBigUInt64LE(BigInt(offset), 40);
  command.writeBigUInt64LE(BigInt(size), 48);
  if (section === undefined) return command;
  command.writeUInt32LE(1, 64);
  command.write(section.name, 72);
  command.writeBigUInt64LE(BigInt(section.size), 72 + 40);
  command.writeUInt32LE(section.offset, 72 + 48);
  return command;
}

function fixupsCommand(offset: number, size: number): Buffer {
  const command = Buffer.alloc(16);
  for (const [n, value] of [0x80000034, 16, offset, size].entries()) command.writeUInt32LE(value, 4 * n);
  return command;
}

/** A header that says where the starts are, and there the number of segments. */
function fixupsCounting(segments: number): Buffer {
  const fixups = Buffer.alloc(32);
  fixups.writeUInt32LE(28, 4);
  fixups.writeUInt32LE(segments, 28);
  return fixups;
}
