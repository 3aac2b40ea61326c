/**
 * One rule of ours in a permissions file of Kiro 1.x: text in, text out.
 *
 * - Adding only ever inserts; not one byte that was there is rewritten.
 * - One faulty rule makes Kiro drop a whole file, so what we do not understand entirely is refused.
 * - Every edit is proved: both texts are parsed, and they must differ in our rule alone and be valid.
 */
import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, isSeq, type ParsedNode, parseAllDocuments, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import { Failure } from '../core/failure.ts';
import { isOurRule } from './permission-rule.ts';
import { type PermissionRule, parseYaml, readPermissions } from './permissions.ts';

/**
 * Adds the rule at the head of the list. `text` is undefined for a file that does not exist; `file` is for messages. The
 * same text and `added: null` when exactly this rule is there. Throws `file-unparsable` for what Kiro itself would drop,
 * `edit-unsafe` for what is valid and yet not of a layout that we are sure of.
 */
export function addRule(
  text: string | undefined,
  rule: PermissionRule & { match: string[] },
  file: string,
): { text: string; added: string | null } {
  if (text === undefined) {
    const made = `rules:\n${blockItem(rule, '  ', '\n')}`;
    return { text: made, added: made };
  }
  demandValid(text, file);
  if (readPermissions(text).rules.some((present) => isDeepStrictEqual(present, rule))) return { text, added: null };
  const { offset, piece } = insertion(text, rule, file);
  const after = text.slice(0, offset) + piece + text.slice(offset);
  const before = parsedValue(text);
  const wanted = { ...before, rules: [rule, ...before.rules] };
  if (!isDeepStrictEqual(parsedValue(after), wanted) || problemOf(after, file) !== null) throw unsure(file);
  return { text: after, added: piece };
}

/**
 * Takes every rule of ours out again. With `added` from the record the text goes back to what it was, whatever was edited
 * around it; where that no longer fits, because Kiro printed the file anew, the rule's own lines are cut. The same text when
 * there is none. Throws `file-unparsable`, `edit-unsafe`.
 */
export function removeRule(text: string, added: string, file: string): string {
  const parsed = parseYaml(text);
  if (parsed.problem !== null) throw unparsable(file, parsed.problem);
  if (!readPermissions(text).rules.some(isOurRule)) return text;
  const before = parsedValue(text);
  const wanted = { ...before, rules: before.rules.filter((rule) => !isOurRule(rule)) };
  const fits = (candidate: string | undefined): candidate is string =>
    candidate !== undefined && isDeepStrictEqual(parseYaml(candidate).value, wanted);
  const withdrawn = cutOnce(text, added);
  if (fits(withdrawn)) return withdrawn;
  const cut = cutRules(text, file);
  if (!fits(cut)) throw unsure(file);
  return cut;
}

/** Whether a text holds nothing but an empty list of rules, so that nobody misses a file of it. */
export function isEmptyRules(text: string): boolean {
  return /^rules: *\[ *\]\s*$/.test(text);
}

function cutOnce(text: string, piece: string): string | undefined {
  const at = piece === '' ? -1 : text.indexOf(piece);
  if (at < 0 || text.includes(piece, at + 1)) return undefined;
  return text.slice(0, at) + text.slice(at + piece.length);
}

interface Layout {
  key: { start: number; end: number };
  list: YAMLSeq.Parsed;
}

function insertion(text: string, rule: PermissionRule & { match: string[] }, file: string) {
  const { key, list } = findLayout(text, file);
  const [start] = list.range;
  if (list.flow === true) {
    const next = text.slice(start + 1);
    const comma = list.items.length === 0 ? '' : /^\s/.test(next) ? ',' : ', ';
    return { offset: start + 1, piece: JSON.stringify(rule) + comma };
  }
  const line = text.indexOf('\n', key.end);
  const indent = text.slice(text.lastIndexOf('\n', start) + 1, start);
  if (line < 0 || line > start || indent.trim() !== '') throw unsure(file);
  return { offset: line + 1, piece: blockItem(rule, indent, text[line - 1] === '\r' ? '\r\n' : '\n') };
}

/** JSON's quoting is YAML's too. */
function blockItem({ capability, effect, match }: PermissionRule & { match: string[] }, indent: string, eol: string) {
  const lines = [
    `- capability: ${capability}`,
    `  effect: ${effect}`,
    '  match:',
    ...match.map((pattern) => `    - ${JSON.stringify(pattern)}`),
  ];
  return lines.map((line) => indent + line + eol).join('');
}

/** Where the list of rules is, in a text of which every construct is one that we know. Throws `edit-unsafe`. */
function findLayout(text: string, file: string): Layout {
  // The parser counts without it.
  if (text.startsWith('\uFEFF')) throw unsure(file);
  const documents = parseAllDocuments(text, { logLevel: 'silent' });
  const [document, ...others] = Array.isArray(documents) ? documents : [];
  const root: ParsedNode | null | undefined = document?.contents;
  if (others.length > 0 || !isMap(root) || text.startsWith('%') || hasRareSyntax(root)) throw unsure(file);
  const pair = root.items.find(({ key }) => isScalar(key) && key.value === 'rules');
  const known = root.items.every(({ key }) => isScalar(key) && ['rules', 'policies'].includes(String(key.value)));
  if (!known || pair === undefined || !isSeq(pair.value) || !isScalar(pair.key)) throw unsure(file);
  const [start, end] = pair.key.range;
  if (root.flow !== true && start > 0 && text[start - 1] !== '\n') throw unsure(file);
  return { key: { start, end }, list: pair.value };
}

/** Anchors, aliases and tags: valid, but nothing that Kiro writes. */
function hasRareSyntax(root: YAMLMap.Parsed): boolean {
  let found = false;
  visit(root, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
    Node: (_key, node) => {
      found ||= node.tag !== undefined || ('anchor' in node && node.anchor !== undefined);
    },
  });
  return found;
}

/** The text without the lines, or the flow items, of our rules; undefined where something else stands on them. */
function cutRules(text: string, file: string): string | undefined {
  const index = readPermissions(text).rules.findIndex(isOurRule);
  if (index < 0) return text;
  const { key, list } = findLayout(text, file);
  const item = list.items[index];
  if (item === undefined) return undefined;
  const rest = list.flow === true ? cutFlowItem(text, item) : cutBlockItem(text, item, list.items.length, key.end);
  return rest === undefined ? undefined : cutRules(rest, file);
}

function cutFlowItem(text: string, item: ParsedNode): string {
  const [start, end] = item.range;
  const behind = /^\s*,\s*/.exec(text.slice(end))?.[0].length ?? 0;
  if (behind > 0) return text.slice(0, start) + text.slice(end + behind);
  return text.slice(0, start).replace(/\s*,\s*$/, '') + text.slice(end);
}

/** From the dash's line to the line of the item's last word. */
function cutBlockItem(text: string, item: ParsedNode, count: number, keyEnd: number): string | undefined {
  let last = item.range[0];
  visit(item, {
    Node: (_key, node) => {
      // The end of a collection of lines is where the next thing begins.
      if (isScalar(node) || ('flow' in node && node.flow === true)) last = Math.max(last, node.range?.[1] ?? 0);
    },
  });
  const start = text.lastIndexOf('\n', item.range[0]) + 1;
  const eol = /^[ \t]*(?:\r?\n|$)/.exec(text.slice(last))?.[0];
  if (eol === undefined || !/^[ \t]*-[ \t]+$/.test(text.slice(start, item.range[0]))) return undefined;
  const rest = text.slice(0, start) + text.slice(last + eol.length);
  // A list without an item must say that it is one.
  return count > 1 ? rest : `${rest.slice(0, keyEnd)}: []${rest.slice(keyEnd).replace(/^\s*:/, '')}`;
}

function parsedValue(text: string): { rules: PermissionRule[] } {
  return parseYaml(text).value as { rules: PermissionRule[] };
}

function demandValid(text: string, file: string): void {
  const problem = problemOf(text, file);
  if (problem !== null) throw unparsable(file, problem);
}

function problemOf(text: string, file: string): string | null {
  if (file.endsWith('.json')) {
    try {
      JSON.parse(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return error.message;
    }
  }
  return readPermissions(text).problem;
}

function unparsable(file: string, problem: string): Failure {
  return new Failure('file-unparsable', `${file} is not a valid list of permissions (${problem})`, {
    hint: 'It was left alone, and Kiro ignores it as it is. Correct or delete it, then run the command again.',
  });
}

function unsure(file: string): Failure {
  return new Failure('edit-unsafe', `${file} is laid out in a way that we do not edit, so it was left alone`, {
    hint: 'Add or remove the rule for capsule-dispatch in it by hand.',
  });
}
