import { useEffect, useState } from 'preact/hooks';
import { ApiError, postJson } from './api.ts';
import { Icon } from './icon.tsx';
import { useTitle } from './use-title.ts';

const NEW_LINK = 'capsule-kiro portal admin';

/** Takes the one-time secret out of the address before anything else can see or keep it. */
function takeLink(): string | undefined {
  const link = new URLSearchParams(location.hash.slice(1)).get('link');
  if (link === null) return undefined;
  history.replaceState(history.state, '', location.pathname);
  return link;
}

/** Signs in with a link, or says how to get one. */
export function SignIn() {
  useTitle('Sign in');
  const [problem, setProblem] = useState<string>();
  const [link] = useState(takeLink);
  useEffect(() => {
    if (link === undefined) return;
    postJson('/api/sign-in', { link }).then(
      () => location.replace('/'),
      (error: unknown) => setProblem(error instanceof ApiError ? explain(error) : String(error)),
    );
  }, [link]);
  return (
    <main class="sign-in" id="content">
      <div class="sign-in-card">
        <div class="brand">
          <Icon name="capsule" /> Capsule <span class="brand-for">for Kiro</span>
        </div>
        {link !== undefined && problem === undefined ? <p role="status">Signing in …</p> : <HowTo problem={problem} />}
      </div>
    </main>
  );
}

const HowTo = ({ problem }: { problem: string | undefined }) => (
  <>
    <h1>Sign in</h1>
    {problem !== undefined && (
      <p class="problem" role="alert">
        {problem}
      </p>
    )}
    <p>Signing in takes a link that works once. Make one on the machine where this portal runs:</p>
    <pre class="command">{NEW_LINK}</pre>
    <p class="meta">
      If the portal was started with <code>--data</code>, give the same folder to this command. Then open the address
      that it prints in this browser.
    </p>
  </>
);

function explain(error: ApiError): string {
  if (error.code === 'token-expired') return 'This link has expired.';
  if (error.code === 'token-revoked') return 'This link has been used already.';
  if (error.code === 'token-invalid') return 'This link is not known here. Was it copied whole?';
  return error.message;
}
