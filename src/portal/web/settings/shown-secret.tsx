import type { ComponentChildren } from 'preact';
import { CopyButton } from '../copy-button.tsx';

/** By which the portal signs what it sends; `children` say what its receiver does with it. */
export function ShownSecret({ secret, children }: { secret: string; children: ComponentChildren }) {
  return (
    <section class="steps" aria-label="The secret">
      <h2>The secret, shown this once</h2>
      <p class="command-line">
        <code class="command">{secret}</code> <CopyButton text={secret} what="the secret" />
      </p>
      <p class="meta">{children}</p>
    </section>
  );
}
