/** Attributes as OTLP's JSON has them: what is null or cannot be told is left out. Pure. */

export type Value =
  | { stringValue: string }
  | { intValue: string }
  | { doubleValue: number }
  | { arrayValue: { values: Value[] } };

export interface Attribute {
  key: string;
  value: Value;
}

type Unknown = null | undefined;

/** Half a character, which JSON can hold and a string of OTLP cannot, is replaced. */
export function text(key: string, value: string | Unknown): Attribute[] {
  return typeof value === 'string' ? [{ key, value: { stringValue: value.toWellFormed() } }] : [];
}

/** 64 bits wide, and so written as a text. */
export function int(key: string, value: number | Unknown): Attribute[] {
  return typeof value === 'number' && Number.isSafeInteger(value) ? [{ key, value: { intValue: String(value) } }] : [];
}

/** For what is a fraction by nature, whatever this one is: a column keeps one type. */
export function double(key: string, value: number | Unknown): Attribute[] {
  return typeof value === 'number' && Number.isFinite(value) ? [{ key, value: { doubleValue: value } }] : [];
}

/** Left out when it is empty. */
export function list(key: string, values: readonly string[]): Attribute[] {
  if (values.length === 0) return [];
  return [{ key, value: { arrayValue: { values: values.map((each) => ({ stringValue: each.toWellFormed() })) } } }];
}
