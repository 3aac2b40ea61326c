import { useState } from 'preact/hooks';
import { Icon } from '../icon.tsx';

/** Copies the address of an event; says that it did, or that the browser does not let it. */
export function CopyLink({ address }: { address: string }) {
  const [said, setSaid] = useState('');
  const copy = () =>
    navigator.clipboard.writeText(new URL(address, location.href).href).then(
      () => setSaid('Copied'),
      () => setSaid('Copy the link of the time by hand'),
    );
  return (
    <span class="copy-link">
      <button
        type="button"
        class="quiet"
        aria-label="Copy the link to this event"
        title="Copy the link (y)"
        onClick={copy}
      >
        <Icon name="link" />
      </button>
      <span class="meta" role="status">
        {said}
      </span>
    </span>
  );
}
