/** `status --watch` on a real terminal: it takes the screen, follows its size, and gives it back as it was. */
import { expect } from '@jest/globals';
import { aMachine } from '../helpers/machine.ts';
import { atTerminal, terminalTest } from '../helpers/terminal.ts';

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';

terminalTest.each([
  ['q', 'q'],
  ['Ctrl+C', '\u0003'],
])(
  '%s ends it and leaves the terminal as it was; a new size is drawn at once (skipped without python3: install it)',
  async (_name, key) => {
    const machine = aMachine();
    const terminal = atTerminal(machine, ['status', '--watch']);
    await terminal.drawn(/q ends it/);
    expect(terminal.text().indexOf(ENTER)).toBeGreaterThanOrEqual(0);
    // 100 columns hold the sentence in one line, 40 do not.
    expect(terminal.text()).toContain(
      'capsule-kiro is not installed for this user. Install it with: capsule-kiro install',
    );
    const before = terminal.text().length;
    terminal.resize(24, 40);
    await terminal.drawn(/not installed for this[^\n]*\r\n/, before);
    terminal.type(key);
    const text = await terminal.ended;
    expect(text).toMatch(/ENDED 3 restored$/);
    const after = text.slice(text.lastIndexOf(LEAVE) + LEAVE.length);
    expect(text.split(ENTER)).toHaveLength(2);
    expect(text.split(LEAVE)).toHaveLength(2);
    expect(after).toContain('capsule-kiro is not installed for this');
    expect(after).not.toContain('\u001b');
  },
);
