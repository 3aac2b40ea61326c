/**
 * `kiroAgent.trustedCommands` in a settings file of Kiro 0.x: text in, text out.
 *
 * - Adding only ever inserts; not one byte that was there is rewritten.
 * - Of several properties with this name the last is the one that counts (JSON's rule, and Kiro's editor follows it).
 * - Every edit is proved: both texts are parsed, and they must differ in our entry alone.
 */
import { isDeepStrictEqual } from 'node:util';
import { getNodeValue, type Node } from 'jsonc-parser';
import * as z from 'zod';
import { Failure } from '../core/failure.ts';
import { type JsoncDocument, parseJsonc, positionOf } from './jsonc-document.ts';
import { applyCuts, applyInsertions, cutChild, type Insertion, insertLast, withdrawInsertions } from './jsonc-edit.ts';

export const TRUST_KEY = 'kiroAgent.trustedCommands';
const DENY_KEY = 'kiroAgent.commandDenylist';

const Addition = z.object({
  insertions: z.array(z.object({ offset: z.number(), text: z.string() })),
  /** Whether the whole property is ours, not only an item of its list. */
  madeKey: z.boolean(),
});
/** Exactly what an edit put in, for the record and for taking it out again. */
export type TrustAddition = z.infer<typeof Addition>;

/** An addition as the record keeps it (JSON); null for the empty text of an entry that we only found. */
export function parseAddition(recorded: string): TrustAddition | null {
  return recorded === '' ? null : Addition.parse(JSON.parse(recorded));
}

export interface Trusted {
  /** The effective list, or null where the file sets none. */
  commands: string[] | null;
  denylist: string[];
}

const Commands = z.array(z.string());

/**
 * Trusts exactly `command`. `text` is undefined for a file that does not exist; `file` is for messages. The same text and
 * `added: null` when it is trusted by that very entry already. A list that trusts everything (`*`) gets our entry too: once
 * its owner narrows it, the hook must not begin to ask. `insert` says what is put in where. Throws `file-unparsable`,
 * `edit-unsafe`.
 */
export function addTrusted(
  text: string | undefined,
  command: string,
  file: string,
  insert = insertLast,
): { text: string; added: TrustAddition | null } {
  const document = parseJsonc(text ?? '', file);
  const list = findList(document, file);
  if (list !== undefined && itemsOf(list).includes(command)) return { text: text ?? '', added: null };

  const item = JSON.stringify(command);
  const insertions =
    list === undefined ? insertProperty(document, item, file, insert) : insert(document, list, () => item);
  const after = document.bom + applyInsertions(document.body, insertions);
  const wanted = withCommand(pairsOf(document), command);
  if (!isDeepStrictEqual(readPairs(after, file), wanted)) throw unsafe(file);
  return { text: after, added: { insertions, madeKey: list === undefined } };
}

/**
 * Takes every trusted command that `isOurs` out again, and with it the property if that was ours and is empty now. With
 * `added` from the record the text goes back to what it was, whatever was edited around it; without, or if that no longer
 * fits, the entry and its comma are cut. The same text when there is none. Throws `file-unparsable`, `edit-unsafe`.
 */
export function removeTrusted(
  text: string,
  isOurs: (command: string) => boolean,
  file: string,
  added: TrustAddition | null,
): string {
  const document = parseJsonc(text, file);
  const before = pairsOf(document);
  const wanted = withoutOurs(before, isOurs);
  if (isDeepStrictEqual(before, wanted)) return text;

  const madeKey = added?.madeKey === true;
  const emptied = wanted.filter(([key, value]) => key !== TRUST_KEY || !isDeepStrictEqual(value, []));
  const fits = (body: string | undefined): body is string => {
    const pairs = body === undefined ? undefined : parsePairs(document.bom + body, file);
    return isDeepStrictEqual(pairs, wanted) || (madeKey && isDeepStrictEqual(pairs, emptied));
  };
  const withdrawn = withdrawInsertions(document.body, added?.insertions ?? []);
  const body = fits(withdrawn) ? withdrawn : cutOurs(document.body, isOurs, file, madeKey);
  if (!fits(body)) throw unsafe(file);
  return document.bom + body;
}

/** What a settings file trusts and denies (kiro/README K14, K16). Throws `file-unparsable`. */
export function readTrusted(text: string | undefined, file: string): Trusted {
  const document = parseJsonc(text ?? '', file);
  const list = findList(document, file);
  const denied = pairsOf(document).findLast(([key]) => key === DENY_KEY)?.[1];
  return { commands: list === undefined ? null : itemsOf(list), denylist: Commands.safeParse(denied).data ?? [] };
}

/** A property of the root as [key, value], in the file's order, doubles included. */
type Pair = readonly [key: string, value: unknown];

function pairsOf({ root }: JsoncDocument): Pair[] {
  if (root?.type !== 'object') return [];
  return (root.children ?? []).map((property) => [keyText(property), getNodeValue(valueNode(property))]);
}

const readPairs = (text: string, file: string) => pairsOf(parseJsonc(text, file));

/** undefined for a text that does not parse, which as the result of an edit only means: not this way. */
function parsePairs(text: string, file: string): Pair[] | undefined {
  try {
    return readPairs(text, file);
  } catch (error) {
    if (error instanceof Failure && error.code === 'file-unparsable') return undefined;
    throw error;
  }
}

function withCommand(pairs: readonly Pair[], command: string): Pair[] {
  const at = pairs.findLastIndex(([key]) => key === TRUST_KEY);
  if (at < 0) return [...pairs, [TRUST_KEY, [command]]];
  return pairs.map((pair, index) => (index === at ? [TRUST_KEY, [...(pair[1] as string[]), command]] : pair));
}

/** From every list of that name: one that a later double hides would come back when the double goes. */
function withoutOurs(pairs: readonly Pair[], isOurs: (command: string) => boolean): Pair[] {
  const keep = (item: unknown) => typeof item !== 'string' || !isOurs(item);
  return pairs.map(([key, value]) =>
    key === TRUST_KEY && Array.isArray(value) ? [key, value.filter(keep)] : [key, value],
  );
}

function insertProperty(document: JsoncDocument, item: string, file: string, insert: typeof insertLast): Insertion[] {
  const { body, root, eol, unit } = document;
  const key = JSON.stringify(TRUST_KEY);
  const property = (indent: string | null) =>
    indent === null ? `${key}: [${item}]` : `${key}: [${eol}${indent}${unit}${item}${eol}${indent}]`;
  if (root === undefined) {
    const before = body === '' || body.endsWith('\n') ? '' : eol;
    return [{ offset: body.length, text: `${before}{${eol}${unit}${property(unit)}${eol}}${eol}` }];
  }
  if (root.type !== 'object') throw wrongType(document, root, file, 'must hold one object');
  return insert(document, root, property);
}

/** The list that counts. Throws `file-unparsable` when it is not a list of texts. */
function findList(document: JsoncDocument, file: string): Node | undefined {
  const properties = document.root?.type === 'object' ? (document.root.children ?? []) : [];
  const last = properties.findLast((property) => keyText(property) === TRUST_KEY);
  if (last === undefined) return undefined;
  const value = valueNode(last);
  if (!Commands.safeParse(getNodeValue(value)).success) {
    throw wrongType(document, value, file, `${TRUST_KEY} must be a list of texts`);
  }
  return value;
}

function cutOurs(body: string, isOurs: (command: string) => boolean, file: string, madeKey: boolean): string {
  const { root } = parseJsonc(body, file);
  for (const [index, property] of (root?.children ?? []).entries()) {
    const list = valueNode(property);
    if (root === undefined || keyText(property) !== TRUST_KEY || list.type !== 'array') continue;
    const at = (list.children ?? []).findIndex((item) => item.type === 'string' && isOurs(String(item.value)));
    if (at < 0) continue;
    const cuts = madeKey && holdsOneItem(body, list) ? cutChild(body, root, index) : cutChild(body, list, at);
    return cutOurs(applyCuts(body, cuts), isOurs, file, madeKey);
  }
  return body;
}

/** Whether a list holds one item and not even a comment besides. */
function holdsOneItem(body: string, list: Node): boolean {
  const [item, ...others] = list.children ?? [];
  if (item === undefined || others.length > 0) return false;
  const around =
    body.slice(list.offset + 1, item.offset) + body.slice(item.offset + item.length, list.offset + list.length - 1);
  return /^[\s,]*$/.test(around);
}

const itemsOf = (list: Node): string[] => Commands.parse(getNodeValue(list));

const keyText = (property: Node): string => String(property.children?.[0]?.value);

function valueNode(property: Node): Node {
  const value = property.children?.[1];
  if (value === undefined) throw new TypeError('a property without a value cannot come from a text that parses');
  return value;
}

function wrongType({ body }: JsoncDocument, node: Node, file: string, message: string): Failure {
  const { line, column } = positionOf(body, node.offset);
  return new Failure('file-unparsable', `${file}:${line}:${column}: ${message}`, {
    hint: 'It was left alone. Correct it, then run the command again.',
  });
}

function unsafe(file: string): Failure {
  return new Failure(
    'edit-unsafe',
    `An edit of ${file} would have changed more than our own entry, so it was left alone`,
    {
      hint: `Edit ${TRUST_KEY} in it by hand, and please report this file's layout to us.`,
    },
  );
}
