/** Rows as CSV (RFC 4180). Pure. */

export type Cell = string | number | boolean | null;

/**
 * One row with its line end. A text that a spreadsheet would take for a formula gets an apostrophe before it, so that what an
 * agent wrote never runs on the machine of whoever opens the file.
 */
export const csvRow = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
