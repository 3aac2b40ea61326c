import { ShownSecret } from './shown-secret.tsx';

/** By which batches over HTTP are signed. */
export const StreamSecret = ({ secret }: { secret: string }) => (
  <ShownSecret secret={secret}>
    Each batch has <code>Capsule-Signature: t=…,v1=…</code>, the HMAC-SHA256, by this secret, of the text{' '}
    <code>t.body</code>.
  </ShownSecret>
);
