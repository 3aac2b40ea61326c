import type { RefObject } from 'preact';
import { setPreference, usePreferences } from './preferences.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['j  k', 'Next, previous row or event'],
  ['J  K', 'Next, previous prompt'],
  ['x  d', 'Next failed tool call, next detection'],
  ['Enter', 'Open, or fold'],
  ['e  E', 'Open all, close all'],
  ['[  ]', 'Previous, next session of the list'],
  ['y  r', 'Of an event: copy its link, show its facts and JSON'],
  ['/', 'Search; in a session, find in it'],
  ['g o  g i  g a  g s', 'Go to the overview, installers, agents, sessions'],
  ['g l  g f', 'Go to the audit logs, the search'],
  ['f', 'Add a filter'],
  ['n  N', 'Next, previous find in a session'],
  ['g p  g d  g u', 'Go to policies, detections, upgrades'],
  ['x  a  r  c  u', 'Of a detection: select, assign to me, in review, close, undo'],
  ['t', 'Local time or UTC'],
  ['?', 'This list'],
];

/** The keys of the page, on `?`. */
export const KeysHelp = ({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) => (
  <dialog ref={dialog} aria-labelledby="keys-title">
    <h2 id="keys-title">Keyboard</h2>
    <dl class="keys">
      {KEYS.map(([keys, what]) => (
        <div key={keys}>
          <dt>
            {keys.split('  ').map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
    <SingleKeys />
    <form method="dialog">
      <button type="submit">Close</button>
    </form>
  </dialog>
);

/** The way to switch single keys off, and on again: this list is reached by its button, too. */
function SingleKeys() {
  const { keys } = usePreferences();
  return (
    <p class="keys-switch">
      <label class="choice-option">
        <input
          type="checkbox"
          checked={keys === 'on'}
          onChange={({ currentTarget }) => setPreference({ keys: currentTarget.checked ? 'on' : 'off' })}
        />
        Single keys do something
      </label>
    </p>
  );
}
