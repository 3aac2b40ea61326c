/** A terminal's screen as a whole: drawn in place, so that nothing flickers, and given back as it was. */
import type { ReadStream, WriteStream } from 'node:tty';
import type { Screen } from './command.ts';
import { wrap } from './wrap.ts';

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** What a terminal sends for Ctrl+C, Ctrl+D, Escape and q while its lines are not edited. */
const LEAVING = new Set(['\u0003', '\u0004', '\u001b', 'q', 'Q']);

/** Takes the terminal over until it is closed. The process is to close it before it ends. */
export function openScreen(input: ReadStream, output: WriteStream): Screen {
  const left = Promise.withResolvers<void>();
  let text = '';
  const draw = () => output.write(frame(text, output.columns, output.rows));
  const key = (keys: Buffer) => {
    if (LEAVING.has(keys.toString())) left.resolve();
  };
  const end = () => left.resolve();
  output.write(ENTER);
  output.on('resize', draw);
  // Without a keyboard there are still signals.
  if (input.isTTY) input.setRawMode(true).on('data', key).on('end', end).resume();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  return {
    draw(next) {
      text = next;
      draw();
    },
    left: left.promise,
    close() {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, end);
      if (input.isTTY) input.setRawMode(false).off('data', key).off('end', end).pause();
      output.off('resize', draw);
      output.write(LEAVE);
    },
  };
}

/** What to write so that the screen shows the text: wrapped, as many lines as fit, nothing left of what was there before. Pure. */
export function frame(text: string, columns: number, rows: number): string {
  const lines = wrap(text, columns).split('\n');
  const shown = lines.length > rows ? [...lines.slice(0, rows - 1), '…'] : lines;
  const whole = shown.map((line) => `${line.slice(0, columns)}${CLEAR_LINE}`).join('\r\n');
  return `${HOME}${whole}${CLEAR_BELOW}`;
}
