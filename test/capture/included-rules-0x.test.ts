import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { partRules } from '../../src/capture/included-rules-0x.ts';
import { runs } from '../helpers/fuzz.ts';

const rule = (name: string, text: string) =>
  `## Included Rules (${name}) [Workspace]\n\n  Some guidance.\n\n<user-rule id=${name}>\n\`\`\`\n${text}\n\`\`\`\n</user-rule>\n\n`;

describe('a message with steering files that Kiro put into it', () => {
  test('is parted into what was typed and which files those were', () => {
    const message = `${rule('product.md', '# Product')}${rule('AGENTS.md', '## Included Rules (x) are good')}What does this do?`;
    expect(partRules(message)).toEqual({
      typed: 'What does this do?',
      rules: [
        { name: 'product.md', type: 'steering', bytes: rule('product.md', '# Product').trimEnd().length },
        {
          name: 'AGENTS.md',
          type: 'steering',
          bytes: rule('AGENTS.md', '## Included Rules (x) are good').trimEnd().length,
        },
      ],
    });
    expect(partRules(`Before\n${rule('a.md', 'x')}after`).typed).toBe('Before\n\n\nafter');
  });

  test('is kept whole where the marks are missing: nothing says where the user’s words begin', () => {
    const message = '## Included Rules (product.md)\n...\n\nWhat does this do?';
    expect(partRules(message)).toEqual({ typed: message, rules: [] });
    const cut = '## Included Rules (product.md)\n<user-rule id=product.md>\nno end';
    expect(partRules(cut)).toEqual({ typed: cut, rules: [] });
    const inside = 'Why does it say ## Included Rules (x)?';
    expect(partRules(inside)).toEqual({ typed: inside, rules: [] });
  });

  test('keeps every word that stands outside of the marks, and none inside', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    const piece = fc.oneof(
      word.map((text) => ({ text: `${text}\n`, typed: text })),
      word.map((text) => ({ text: `${rule(`${text}.md`, `rule ${text}`)}\n`, typed: '' })),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const { typed, rules } = partRules(pieces.map(({ text }) => text).join(''));
        const words = pieces.flatMap((each) => (each.typed === '' ? [] : [each.typed]));
        expect(typed.split(/\s+/).filter((each) => each !== '')).toEqual(words);
        expect(rules).toHaveLength(pieces.length - words.length);
      }),
      runs(200),
    );
  });

  test('answers for any text, and takes nothing away from one without marks', () => {
    const bits = fc.constantFrom('## Included Rules (', '\n', ')', '<user-rule id=', '</user-rule>', 'a');
    fc.assert(fc.property(fc.array(bits, { maxLength: 30 }), (parts) => void partRules(parts.join(''))));
    fc.assert(fc.property(fc.string(), (text) => expect(partRules(text)).toEqual({ typed: text.trim(), rules: [] })));
  });
});
