import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Node, parse, parseTree, visit } from 'jsonc-parser';
import { addTrusted, readTrusted, removeTrusted, TRUST_KEY } from '../../src/kiro/trusted-commands.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';

const COMMAND = '~/.kiro/scripts/capsule-dispatch.sh';
const isOurs = (command: string) => command === COMMAND;
const RUNS = fuzzRuns(2);

const json = fc.jsonValue({ maxDepth: 2 });
const command = fc.constantFrom('*', 'git *', 'npm test', '"quoted" \\ path', COMMAND, `${COMMAND} more`, ', "x"]');
const property = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.string({ maxLength: 6 }), json) },
  { weight: 1, arbitrary: fc.tuple(fc.constant(TRUST_KEY), fc.array(command, { maxLength: 3 })) },
  { weight: 1, arbitrary: fc.constant(['// not a comment', `"${TRUST_KEY}": [`] as const) },
);

/** The tokens of an object, so that white space and comments can go between any two of them. */
function tokensOf(properties: readonly (readonly [string, unknown])[], trailingComma: boolean): string[] {
  const list = (open: string, items: string[][], close: string) => [
    open,
    ...items.flatMap((item, index) => (index === items.length - 1 && !trailingComma ? item : [...item, ','])),
    close,
  ];
  const value = (it: unknown): string[] => {
    if (Array.isArray(it)) return list('[', it.map(value), ']');
    if (typeof it !== 'object' || it === null) return [JSON.stringify(it)];
    return object(Object.entries(it));
  };
  const object = (entries: readonly (readonly [string, unknown])[]): string[] =>
    list(
      '{',
      entries.map(([key, it]) => [JSON.stringify(key), ':', ...value(it)]),
      '}',
    );
  return object(properties);
}

const trivia = (eol: string) =>
  fc.constantFrom(
    '',
    '',
    '',
    ' ',
    '\t',
    eol,
    `${eol}  `,
    `${eol}\t`,
    `${eol}${eol}    `,
    ' /* ], */ ',
    ` // "${eol}  `,
    `/*${eol}*/`,
  );

/** Any layout at all: every gap between two tokens is filled at random. */
const wildDocument = fc
  .tuple(
    fc.array(property, { maxLength: 4 }),
    fc.boolean(),
    fc.constantFrom('\n', '\r\n'),
    fc.constantFrom('', '\uFEFF'),
  )
  .chain(([properties, trailingComma, eol, bom]) => {
    const tokens = tokensOf(properties, trailingComma);
    return fc
      .array(trivia(eol), { minLength: tokens.length + 1, maxLength: tokens.length + 1 })
      .map((gaps) => bom + tokens.map((token, index) => `${gaps[index]}${token}`).join('') + gaps.at(-1));
  });

/** As editors and people write it. */
const tidyDocument = fc
  .tuple(
    fc.dictionary(fc.string({ maxLength: 6 }), json, { maxKeys: 4 }),
    fc.option(fc.array(command, { maxLength: 3 })),
    fc.constantFrom(2, 4, '\t', 0),
    fc.constantFrom('', '\n'),
  )
  .map(
    ([settings, trusted, indent, end]) =>
      JSON.stringify(trusted === null ? settings : { ...settings, [TRUST_KEY]: trusted }, null, indent) + end,
  );

const document = fc.oneof(wildDocument, tidyDocument);

const strip = (text: string) => text.replace(/^\uFEFF/, '');
const commentsOf = (text: string): string[] => {
  const comments: string[] = [];
  visit(strip(text), { onComment: (at, length) => comments.push(strip(text).slice(at, at + length)) });
  return comments;
};
const effective = (text: string): string[] => {
  const root = parseTree(strip(text), [], { allowTrailingComma: true });
  const last = root?.children?.findLast((node: Node) => node.children?.[0]?.value === TRUST_KEY);
  return (last?.children?.[1]?.children ?? []).map((node: Node) => String(node.value));
};
const alreadyIn = (text: string) => (readTrusted(text, 'f').commands ?? []).includes(COMMAND);
const anywhere = (text: string) => text.includes(JSON.stringify(COMMAND));

describe('for any settings file', () => {
  test('our command is trusted exactly once, and a second run changes nothing', () => {
    fc.assert(
      fc.property(document, (before) => {
        const times = effective(before).filter((item) => item === COMMAND).length;
        const { text } = addTrusted(before, COMMAND, 'f');
        expect(effective(text).filter((item) => item === COMMAND)).toHaveLength(Math.max(1, times));
        expect(addTrusted(text, COMMAND, 'f')).toEqual({ text, added: null });
      }),
      RUNS,
    );
  });

  test('every byte that was there is still there, in order, around what was inserted', () => {
    fc.assert(
      fc.property(document, (before) => {
        const { text, added } = addTrusted(before, COMMAND, 'f');
        const bom = before.length - strip(before).length;
        let rebuilt = '';
        let from = 0;
        let shift = bom;
        for (const { offset, text: piece } of added?.insertions ?? []) {
          expect(text.startsWith(piece, offset + shift)).toBe(true);
          rebuilt += text.slice(from, offset + shift);
          from = offset + shift + piece.length;
          shift += piece.length;
        }
        expect(rebuilt + text.slice(from)).toBe(before);
      }),
      RUNS,
    );
  });

  test('removing after adding gives back every byte', () => {
    fc.assert(
      fc.property(document, (before) => {
        fc.pre(!anywhere(before));
        const { text, added } = addTrusted(before, COMMAND, 'f');
        expect(removeTrusted(text, isOurs, 'f', added)).toBe(before);
      }),
      RUNS,
    );
  });

  test('removing keeps what was edited around our entry in the meantime', () => {
    const edit = (text: string) => text.replace('{', '{ "zoom": 1, /* new */').concat(' // end');
    fc.assert(
      fc.property(document, (before) => {
        fc.pre(!anywhere(before) && /\{\s*"/.test(strip(before)) && strip(before).startsWith('{'));
        const { text, added } = addTrusted(before, COMMAND, 'f');
        expect(removeTrusted(edit(text), isOurs, 'f', added)).toBe(edit(before));
      }),
      RUNS,
    );
  });

  test('removing without a record takes the entry alone, and no comment', () => {
    fc.assert(
      fc.property(document, (before) => {
        fc.pre(!alreadyIn(before));
        const { text } = addTrusted(before, COMMAND, 'f');
        const removed = removeTrusted(text, isOurs, 'f', null);
        expect(effective(removed)).toEqual(effective(before));
        expect(commentsOf(removed)).toEqual(commentsOf(before));
        const without = (it: string) => ({ ...(parse(strip(it)) as object), [TRUST_KEY]: 0 });
        expect(without(removed)).toEqual(without(before));
      }),
      RUNS,
    );
  });
});

test('any text at all is edited or refused, never damaged', () => {
  const noise = fc.oneof(
    fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '/', '*', '\n', 'a', '1', '\\') }),
    fc.string(),
  );
  fc.assert(
    fc.property(noise, (before) => {
      try {
        const { text, added } = addTrusted(before, COMMAND, 'f');
        expect(removeTrusted(text, isOurs, 'f', added)).toBe(before);
      } catch (error) {
        expect(error).toMatchObject({ code: 'file-unparsable' });
      }
    }),
    RUNS,
  );
});
