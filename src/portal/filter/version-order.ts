/** Versions as lists are narrowed and ordered by them. Pure. */

export interface VersionComparison {
  op: '=' | '<>' | '<' | '<=' | '>' | '>=';
  version: string;
}

const DIGITS = 9;
const VERSION = /^\d{1,9}(?:\.\d{1,9})*/;

/**
 * A text that sorts as the version does: each number of its beginning filled up with zeros, so that 1.0.9 stands before 1.0.10,
 * and 1.0 before 1.0.0. What follows the numbers (`-beta.1`) counts for nothing. Null for what does not begin with a number.
 */
export function versionOrder(version: string): string | null {
  const [numbers] = VERSION.exec(version) ?? [];
  return numbers === undefined
    ? null
    : numbers
        .split('.')
        .map((part) => part.padStart(DIGITS, '0'))
        .join('.');
}

/** `<1.0.182`, `>=1.0`; undefined for a text without a sign, which means itself, and for a sign without a version. */
export function readVersionComparison(text: string): VersionComparison | undefined {
  const [, op, version = ''] = /^(<=|>=|<|>)\s*(.*)$/.exec(text) ?? [];
  return op === undefined || versionOrder(version) === null
    ? undefined
    : { op: op as VersionComparison['op'], version };
}
