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
