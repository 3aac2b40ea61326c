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

/** What was asked for before anybody was signed in. */
const asked = (): string => (location.pathname === '/sign-in' ? '/' : location.pathname + location.search);

/** Signs in with a link or a password, or says how to get a link. */
export function SignIn() {
  useTitle('Sign in');
  const [problem, setProblem] = useState<string>();
  const [link] = useState(takeLink);
  const signIn = (body: object) =>
    postJson('/api/sign-in', body).then(
      () => location.replace(asked()),
      (error: unknown) => setProblem(error instanceof ApiError ? explain(error) : String(error)),
    );
  useEffect(() => {
    if (link !== undefined) void signIn({ link });
  }, [link]);
  return (
    <main class="sign-in" id="content">
      <div class="sign-in-card">
        <div class="brand">
          <Icon name="capsule" /> Capsule <span class="brand-for">for Kiro</span>
        </div>
        {link !== undefined && problem === undefined ? (
          <p role="status">Signing in …</p>
        ) : (
          <>
            <h1>Sign in</h1>
            {problem !== undefined && (
              <p class="problem" role="alert">
                {problem}
              </p>
            )}
            <PasswordForm signIn={signIn} />
            <HowTo />
          </>
        )}
      </div>
    </main>
  );
}

const PASSWORD = {
  id: 'sign-in-password',
  name: 'password',
  autocomplete: 'current-password',
  required: true,
} as const;

function PasswordForm({ signIn }: { signIn(body: object): Promise<void> }) {
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    setBusy(true);
    await signIn(Object.fromEntries(new FormData(form)));
    setBusy(false);
  };
  return (
    <form class="stacked" onSubmit={submit}>
      <div class="field">
        <label for="sign-in-account">Account</label>
        <input id="sign-in-account" name="account" autocomplete="username" required />
      </div>
      <div class="field">
        <label for="sign-in-password">Password</label>
        {shown ? <input type="text" {...PASSWORD} /> : <input type="password" {...PASSWORD} />}
      </div>
      <label class="choice-option">
        <input type="checkbox" checked={shown} onChange={({ currentTarget }) => setShown(currentTarget.checked)} />
        Show the password
      </label>
      <details>
        <summary>Another organisation</summary>
        <div class="field">
          <label for="sign-in-organisation">Organisation</label>
          <input id="sign-in-organisation" name="organisation" defaultValue="default" />
        </div>
      </details>
      <button type="submit" class="primary" disabled={busy}>
        {busy ? 'Signing in …' : 'Sign in'}
      </button>
    </form>
  );
}

const HowTo = () => (
  <details class="how-to">
    <summary>No password yet, or forgotten</summary>
    <p>A link that works once signs you in. An administrator sends one, or makes it where this portal runs:</p>
    <pre class="command">{NEW_LINK}</pre>
    <p class="meta">
      If the portal was started with <code>--data</code>, give the same folder to this command. Then open the address
      that it prints in this browser.
    </p>
  </details>
);

function explain(error: ApiError): string {
  if (error.code === 'token-expired') return 'This link has expired.';
  if (error.code === 'token-revoked') return 'This link has been used already.';
  if (error.code === 'token-invalid') return 'This link is not known here. Was it copied whole?';
  return error.message;
}
