import fc from 'fast-check';

/** Every character there is, without halves of pairs. fast-check's own (`unit: 'binary'`) takes a second to be made. */
const character = fc.nat(0x10ffff - 0x800).map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800));

/** Texts of any characters, and those that trip programs (`__proto__`). Lengths in characters. */
export const anyText = (limits: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.array(character, limits).map((all) => all.join('')) },
    { weight: 1, arbitrary: fc.string(limits) },
  );
