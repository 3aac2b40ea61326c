/** ISO 8601 in UTC with milliseconds, or null when it is no moment of the years 0 to 9999, which is how far the form reaches. */
export function isoTime(stamp: string | number): string | null {
  const date = new Date(stamp);
  if (Number.isNaN(date.getTime())) return null;
  const text = date.toISOString();
  return /^\d{4}-/.test(text) ? text : null;
}
