/**
 * Breaks lines that are wider than a terminal between words; what is broken off is indented under where the line's text
 * begins. A word that is wider than the terminal stays whole: paths are copied. Pure.
 */
export function wrap(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => (line.length <= width ? [line] : wrapLine(line, width)))
    .join('\n');
}

/** Two or more spaces set a column apart; what follows the last one near the line's beginning is its text. */
const COLUMN = /^.{0,20}\s{2,6}(?=\S)/;

function wrapLine(line: string, width: number): string[] {
  const column = COLUMN.exec(line)?.[0].length ?? 0;
  const indent = ' '.repeat(column > 0 ? column : 2);
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(/(?<=\S)(?=\s)/)) {
    if (current === '' || current.length + word.length <= width) current += word;
    else {
      lines.push(current);
      current = indent + word.trimStart();
    }
  }
  return [...lines, current];
}
