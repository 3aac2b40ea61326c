import { useState } from 'preact/hooks';

/** Copies a text; says that it did, or that the browser does not let it. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [said, setSaid] = useState('');
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      () => setSaid('Select and copy it by hand'),
    );
  return (
    <span class="copy">
      <button type="button" aria-label={`Copy ${what}`} onClick={copy}>
        Copy
      </button>
      <span class="meta" role="status">
        {said}
      </span>
    </span>
  );
}
