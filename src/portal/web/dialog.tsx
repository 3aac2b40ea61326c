import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface DialogProps {
  title: string;
  close(): void;
  children: ComponentChildren;
}

/** A question before everything else. It is open for as long as it is drawn; Escape closes it, and focus goes back. */
export function Dialog({ title, close, children }: DialogProps) {
  const id = useId();
  return (
    <dialog
      aria-labelledby={id}
      ref={(dialog) => void (dialog?.isConnected && !dialog.open && dialog.showModal())}
      onClose={close}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

interface ConfirmProps extends DialogProps {
  /** What the button that does it says. */
  act: string;
  confirm(): void;
  /** Why it did not work, when it was tried. */
  problem?: string | undefined;
}

/** Asks before what cannot be undone is done. */
export const ConfirmDialog = ({ title, act, confirm, problem, close, children }: ConfirmProps) => (
  <Dialog title={title} close={close}>
    {children}
    {problem !== undefined && (
      <p class="bad" role="alert">
        {problem}
      </p>
    )}
    <div class="dialog-buttons">
      {/* biome-ignore lint/a11y/noAutofocus: what cannot be undone must not be the first thing that Enter does */}
      <button type="button" autoFocus onClick={close}>
        Cancel
      </button>
      <button type="button" class="danger" onClick={confirm}>
        {act}
      </button>
    </div>
  </Dialog>
);
