import type { Json } from '../core/event.ts';
import { MAX_DEPTH } from './plain-json.ts';

/** Parsed JSON as it is. Values nested deeper than `MAX_DEPTH`, and what is no JSON, are null. */
export function exactJson(value: unknown, depth = 0): Json {
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => exactJson(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, exactJson(item, depth + 1)]));
}
