/**
 * Takes the languages but English out of the ICU data inside a Node: an eighth of what travels to a developer. Nothing of ours
 * speaks another one; numbers, dates and sorting in it fall back to ICU's root, and time zones and encodings stay as they are.
 */

/** `CmnD`, by which a package of ICU data says what it is, follows the first twelve bytes of its header. */
const FORMAT = Buffer.from('CmnD');
const MAGIC = 0x27da;
/** `de.res`, `zone/zh_Hant_TW.res`; not `root.res`, `pool.res`, `zoneinfo64.res`. */
const LANGUAGE = /^(?:.*\/)?(?!res_index|en[_.])[a-z]{2,3}(?:_[A-Za-z0-9]+)*\.res$/;
/** Where words end in languages that have no spaces. */
const WORDS = /\/[a-z]+dict\.dict$/;

/**
 * The same file with the entries of other languages out of the package's table and zeros in their place; nothing moves. Throws when
 * there is no such package, or more than one. Pure.
 */
export function keepEnglish(file: Buffer): Buffer {
  const table = findTable(file);
  const result = Buffer.from(file);
  const entries = readEntries(file, table);
  const [last] = entries.slice(-1);
  const kept = entries.filter((entry) => entry === last || !isForeign(entry.name));
  result.writeUInt32LE(kept.length, table);
  for (const [index, entry] of kept.entries()) entry.row.copy(result, table + 4 + 8 * index);
  result.fill(0, table + 4 + 8 * kept.length, table + 4 + 8 * entries.length);
  for (const [index, entry] of entries.entries()) {
    const next = entries[index + 1];
    // Where the last one ends stands nowhere.
    if (next !== undefined && isForeign(entry.name)) result.fill(0, entry.start, next.start);
  }
  return result;
}

/** Whether an entry, without the package's own name, belongs to a language that is not English. Pure. */
export function isForeign(name: string): boolean {
  return LANGUAGE.test(name) || WORDS.test(`/${name}`);
}

interface Entry {
  name: string;
  /** As it stands in the table: where its name is and where its bytes are, from the table on. */
  row: Buffer;
  start: number;
}

function readEntries(file: Buffer, table: number): Entry[] {
  return Array.from({ length: file.readUInt32LE(table) }, (_, index) => {
    const row = file.subarray(table + 4 + 8 * index, table + 12 + 8 * index);
    const nameAt = table + row.readUInt32LE(0);
    const name = file.toString('latin1', nameAt, file.indexOf(0, nameAt));
    return { row, name: name.slice(name.indexOf('/') + 1), start: table + row.readUInt32LE(4) };
  });
}

/** Where the package's table begins. */
function findTable(file: Buffer): number {
  const found: number[] = [];
  for (let at = file.indexOf(FORMAT, 12); at >= 0; at = file.indexOf(FORMAT, at + 1)) {
    const header = at - 12;
    if (file.readUInt16LE(header + 2) === MAGIC) found.push(header + file.readUInt16LE(header));
  }
  const [table] = found;
  if (table === undefined || found.length > 1)
    throw new Error(`There are ${found.length} packages of ICU data, not one`);
  return table;
}
