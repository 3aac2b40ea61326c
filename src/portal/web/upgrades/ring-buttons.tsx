interface ButtonsProps {
  name: string;
  isFirst: boolean;
  isLast: boolean;
  move(by: -1 | 1): void;
  edit(): void;
  remove(): void;
}

/** What can be done with a ring. Where a button moved to, its id tells. */
export const RingButtons = ({ name, isFirst, isLast, move, edit, remove }: ButtonsProps) => (
  <>
    <button
      type="button"
      id={buttonId(-1, name)}
      aria-label={`Move ${name} earlier`}
      disabled={isFirst}
      onClick={() => move(-1)}
    >
      Earlier
    </button>
    <button
      type="button"
      id={buttonId(1, name)}
      aria-label={`Move ${name} later`}
      disabled={isLast}
      onClick={() => move(1)}
    >
      Later
    </button>
    <button type="button" aria-label={`Edit ${name}`} onClick={edit}>
      Edit
    </button>
    <button type="button" class="quiet" aria-label={`Remove ${name}`} onClick={remove}>
      Remove
    </button>
  </>
);

/** Of the button that moves a ring in this direction. */
export const buttonId = (by: -1 | 1, name: string): string => `${by < 0 ? 'earlier' : 'later'}-${name}`;
