import type { RefObject } from 'preact';

const KEYS: readonly (readonly [string, string])[] = [
  ['j  k', 'Next, previous row or event'],
  ['J  K', 'Next, previous prompt'],
  ['x', 'Next failed tool call'],
  ['Enter', 'Open, or fold'],
  ['e  E', 'Open all, close all'],
  ['/', 'Search'],
  ['i  a  s', 'Go to installers, agents, sessions'],
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
    <form method="dialog">
      <button type="submit">Close</button>
    </form>
  </dialog>
);
