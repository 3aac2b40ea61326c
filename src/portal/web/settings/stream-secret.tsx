import { CopyButton } from '../copy-button.tsx';

/** By which batches over HTTP are signed. */
export function StreamSecret({ secret }: { secret: string }) {
  return (
    <section class="steps" aria-label="The secret">
      <h2>The secret, shown this once</h2>
      <p class="command-line">
        <code class="command">{secret}</code> <CopyButton text={secret} what="the secret" />
      </p>
      <p class="meta">
        Each batch has <code>Capsule-Signature: t=…,v1=…</code>, the HMAC-SHA256, by this secret, of the text{' '}
        <code>t.body</code>.
      </p>
    </section>
  );
}
