/** What a Linux executable asks of the system it starts on, read from its dynamic section. */

export interface ElfNeeds {
  processor: 'x64' | 'arm64' | 'other';
  libraries: string[];
  /** The highest version of each family of symbols, by family: `GLIBC` → `2.28`. */
  versions: Record<string, string>;
}

/** Reads a 64-bit little-endian ELF file. Pure. */
export function elfNeeds(file: Buffer): ElfNeeds {
  const processors: Record<number, ElfNeeds['processor']> = { 62: 'x64', 183: 'arm64' };
  const segments = loadSegments(file);
  const at = (address: number): number => {
    const home = segments.find(({ start, size }) => address >= start && address < start + size);
    if (home === undefined) throw new Error(`address ${address} is in no segment`);
    return home.offset + address - home.start;
  };
  const entries = dynamicEntries(file);
  const first = (tag: number): number => entries.find((entry) => entry.tag === tag)?.value ?? 0;
  const strings = at(first(5));
  const text = (offset: number): string => file.toString('latin1', strings + offset, file.indexOf(0, strings + offset));
  const libraries = entries.filter(({ tag }) => tag === 1).map(({ value }) => text(value));
  const names = versionNames(file, at(first(0x6ffffffe)), first(0x6fffffff)).map(text);
  return { processor: processors[file.readUInt16LE(18)] ?? 'other', libraries, versions: highest(names) };
}

function programHeaders(file: Buffer): { type: number; at: number }[] {
  const [start, size, count] = [Number(file.readBigUInt64LE(32)), file.readUInt16LE(54), file.readUInt16LE(56)];
  return Array.from({ length: count }, (_, n) => ({ type: file.readUInt32LE(start + n * size), at: start + n * size }));
}

function loadSegments(file: Buffer): { start: number; size: number; offset: number }[] {
  return programHeaders(file)
    .filter(({ type }) => type === 1)
    .map(({ at }) => ({
      offset: Number(file.readBigUInt64LE(at + 8)),
      start: Number(file.readBigUInt64LE(at + 16)),
      size: Number(file.readBigUInt64LE(at + 32)),
    }));
}

function dynamicEntries(file: Buffer): { tag: number; value: number }[] {
  const dynamic = programHeaders(file).find(({ type }) => type === 2);
  if (dynamic === undefined) throw new Error('there is no dynamic section');
  const start = Number(file.readBigUInt64LE(dynamic.at + 8));
  const count = Number(file.readBigUInt64LE(dynamic.at + 32)) / 16;
  return Array.from({ length: count }, (_, n) => ({
    tag: Number(file.readBigInt64LE(start + 16 * n)),
    value: Number(file.readBigUInt64LE(start + 16 * n + 8)),
  }));
}

/** The string offsets of every version that is needed of any library. */
function versionNames(file: Buffer, start: number, count: number): number[] {
  const names: number[] = [];
  for (let n = 0, need = start; n < count; n++, need += file.readUInt32LE(need + 12)) {
    let one = need + file.readUInt32LE(need + 8);
    for (let left = file.readUInt16LE(need + 2); left > 0; left--) {
      names.push(file.readUInt32LE(one + 8));
      one += file.readUInt32LE(one + 12);
    }
  }
  return names;
}

/** `['GLIBC_2.4', 'GLIBC_2.28']` → `{ GLIBC: '2.28' }`. Pure. */
export function highest(names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const [, family = '', version = ''] = /^(.*)_([\d.]+)$/.exec(name) ?? [];
    if (family !== '' && compareVersions(version, found[family] ?? '0') > 0) found[family] = version;
  }
  return found;
}

/** Below zero when `a` is the older one. Pure. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let n = 0; n < Math.max(one.length, other.length); n++) {
    const difference = (one[n] ?? 0) - (other[n] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
