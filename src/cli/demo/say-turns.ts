import type { PlayedTurn } from './play.ts';

const HEAD = ['Session', 'Turn', 'Facts', 'Hook 1.x', 'Hook 0.x', 'Turn end to portal'];

/** The table of facts and times, one line a turn. Pure. */
export function sayTurns(turns: readonly PlayedTurn[]): string {
  const rows = turns.map(({ title, number, expected, comparison, hops }) => {
    const missing = comparison.missing.length;
    const surplus = comparison.surplus.length;
    const facts = `${expected.length - missing} of ${expected.length}${surplus === 0 ? '' : `, ${surplus} too many`}`;
    return [short(title), String(number), facts, ms(hops.hookMs), ms(hops.hook0xMs), ms(hops.storedMs)];
  });
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => pad(cell, widths[column] ?? 0, column))
      .join('  ')
      .trimEnd();
  return [line(HEAD), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Names to the left, numbers to the right. */
function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function short(title: string): string {
  return title.length <= 38 ? title : `${title.slice(0, 37)}…`;
}

function ms(time: number | null): string {
  if (time === null) return '–';
  return `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;
}
