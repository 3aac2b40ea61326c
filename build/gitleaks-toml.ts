/**
 * Reads the rule file of gitleaks (the part of TOML it is written in) and turns its rules into JavaScript's regular
 * expressions. Throws at anything it does not know, so that a newer rule file is converted wholly or not at all.
 */

/** Regular expression source and flags, for `new RegExp`. */
export type PatternText = [source: string, flags: string];

/** A find is let go when a pattern matches `target`, or when the secret holds one of `words` (lower case). */
export interface AllowText {
  target: 'secret' | 'match' | 'line';
  patterns: PatternText[];
  words: string[];
}

export interface RuleText {
  name: string;
  pattern: PatternText;
  /** Bits a character; a find with no more than this is let go. */
  entropy?: number;
  /** Lower case: the rule finds nothing in a text without any of them. */
  keywords: string[];
  allow?: AllowText[];
}

export interface RuleSetText {
  allow: AllowText[];
  rules: RuleText[];
}

type Value = string | number | string[];
type Table = Record<string, Value>;

interface Tables {
  global: Table;
  rules: { table: Table; allow: Table[] }[];
}

/** Allow-lists of whole example keys: our own rule takes those too, and they do not belong in a repository. */
const WITHOUT_ALLOW = new Set(['gcp-api-key']);

export function convertGitleaks(toml: string): RuleSetText {
  const { global, rules } = readTables(toml);
  return {
    allow: [convertAllow(global)].filter(saysSomething),
    // A rule without a pattern looks at file names alone.
    rules: rules.filter(({ table }) => table.regex !== undefined).map(convertRule),
  };
}

function convertRule({ table, allow }: Tables['rules'][number]): RuleText {
  const name = String(table.id);
  const lists = WITHOUT_ALLOW.has(name) ? [] : allow.filter(canHold).map(convertAllow).filter(saysSomething);
  return {
    name,
    pattern: withoutLead(toJavaScript(String(table.regex))),
    ...(typeof table.entropy === 'number' ? { entropy: table.entropy } : {}),
    keywords: list(table.keywords).map((word) => word.toLowerCase()),
    ...(lists.length === 0 ? {} : { allow: lists }),
  };
}

/** One that asks for a path as well never holds: a captured text has none. */
const canHold = (table: Table) => !(table.condition === 'AND' && table.paths !== undefined);

function convertAllow(table: Table): AllowText {
  const target = table.regexTarget ?? 'secret';
  if (target !== 'secret' && target !== 'match' && target !== 'line') throw new Error(`unknown target ${target}`);
  return {
    target,
    patterns: list(table.regexes).map(toJavaScript),
    words: list(table.stopwords).map((word) => word.toLowerCase()),
  };
}

const saysSomething = ({ patterns, words }: AllowText) => patterns.length + words.length > 0;
const list = (value: Value | undefined): string[] => (Array.isArray(value) ? value : []);

/**
 * Go's syntax as JavaScript's: a flag that holds to the end of its group becomes a group of its own (closed and opened again
 * around each `|`), `(?P<` becomes `(?<`, and the text's end is `$`.
 */
export function toJavaScript(go: string): PatternText {
  const flags = go.startsWith('(?i)') ? 'i' : '';
  const groups = new Groups();
  const parts = go.slice(flags === '' ? 0 : 4).matchAll(PART);
  const pattern = [...parts].map(([part]) => translate(part, groups)).join('') + groups.close();
  // Throws for what JavaScript does not know.
  new RegExp(pattern, flags);
  return [pattern, flags];
}

/** What may precede a name. It is no part of the secret, but tried at every character of a text it costs most of the time. */
const LEAD = /^((?:\(\?i:)?)\[\\w\.-\]\{0,50\}\?/;

/** Without any leads, one within the other too. Who needs the whole match has to look back by itself. */
function withoutLead([source, flags]: PatternText): PatternText {
  return LEAD.test(source) ? withoutLead([source.replace(LEAD, '$1'), flags]) : [source, flags];
}

/** An escape, a class, a flag, the beginning of a group, or one character. */
const PART = /\\[\s\S]|\[\^?\]?(?:\[:\w+:\]|\\[\s\S]|[^\]\\])*\]|\(\?[ims-]+\)|\(\?P?|[\s\S]/g;
const FLAG = /^\(\?[ims-]+\)$/;

function translate(part: string, groups: Groups): string {
  if (FLAG.test(part)) return groups.flag(`${part.slice(0, -1)}:`);
  if (part === ')') return groups.close();
  if (part === '|') return groups.alternate();
  if (part.startsWith('(')) groups.open();
  return { '(?P': '(?', '\\z': '$' }[part] ?? part;
}

/** The groups that are open, each with the flags that were set in it. */
class Groups {
  readonly #flags: string[][] = [[]];

  open(): void {
    this.#flags.push([]);
  }

  flag(group: string): string {
    this.#flags.at(-1)?.push(group);
    return group;
  }

  alternate(): string {
    const flags = this.#flags.at(-1) ?? [];
    return `${')'.repeat(flags.length)}|${flags.join('')}`;
  }

  /** Of the whole pattern too, which has no parenthesis of its own. */
  close(): string {
    const flags = this.#flags.pop() ?? [];
    return ')'.repeat(flags.length + (this.#flags.length > 0 ? 1 : 0));
  }
}

/** All that rules and allow-lists may say; a newer word may change what they mean. */
const KEYS = new Set(
  'title id description regex path entropy keywords paths regexes regexTarget stopwords condition'.split(' '),
);
const HEADER = /^(\[+)([\w.]+)\]+$/;
const ASSIGNMENT = /^(\w+) = ([\s\S]+)$/;

function readTables(toml: string): Tables {
  const tables: Tables = { global: {}, rules: [] };
  let current: Table = {};
  for (const statement of statements(toml)) {
    const [, , header] = HEADER.exec(statement) ?? [];
    if (header !== undefined) current = openTable(header, tables);
    else {
      const [, key, value] = ASSIGNMENT.exec(statement) ?? [];
      if (key === undefined || value === undefined || !KEYS.has(key)) throw new Error(`not understood: ${statement}`);
      current[key] = readValue(value);
    }
  }
  return tables;
}

function openTable(header: string, { global, rules }: Tables): Table {
  const table: Table = {};
  if (header === 'allowlist') return global;
  if (header === 'rules') rules.push({ table, allow: [] });
  else if (header === 'rules.allowlists') rules.at(-1)?.allow.push(table);
  else throw new Error(`unknown table ${header}`);
  return table;
}

/** Lines without comments, those of one list joined. */
function statements(toml: string): string[] {
  const found: string[] = [];
  let pending = '';
  for (const line of toml.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    pending += pending === '' ? line : ` ${line}`;
    if (/ = \[/.test(pending) && !pending.endsWith(']')) continue;
    found.push(pending);
    pending = '';
  }
  if (pending !== '') throw new Error(`without an end: ${pending.slice(0, 80)}`);
  return found;
}

const STRINGS = /'''([\s\S]*?)'''|"((?:[^"\\]|\\.)*)"/g;

function readValue(text: string): Value {
  if (/^[\d.]+$/.test(text)) return Number(text);
  const strings = [...text.matchAll(STRINGS)].map(([, raw, quoted]) => raw ?? (JSON.parse(`"${quoted}"`) as string));
  if (text.startsWith('[')) return strings;
  const [only] = strings;
  if (only === undefined || strings.length > 1) throw new Error(`not understood: ${text}`);
  return only;
}
