import { useState } from 'preact/hooks';
import { ApiError, postJson } from '../api.ts';

/** Chooses a password, or another one with the current. `done` is called when it is kept. */
export function PasswordForm({ account, hasPassword, done }: { account: string; hasPassword: boolean; done(): void }) {
  const [problem, setProblem] = useState<string>();
  const [said, setSaid] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    const { password, again, ...rest } = Object.fromEntries(new FormData(form));
    setSaid('');
    if (password !== again) return setProblem('The two are not the same');
    try {
      await postJson('/api/me/password', { password, ...rest });
    } catch (error) {
      return setProblem(error instanceof ApiError ? error.message : String(error));
    }
    form.reset();
    setProblem(undefined);
    setSaid('The password is kept. Other places where you were signed in are signed out.');
    done();
  };
  return (
    <form class="stacked narrow" onSubmit={submit}>
      {/* For password keepers, which otherwise do not know whose it is. */}
      <input type="text" autocomplete="username" value={account} readOnly hidden />
      {hasPassword && <PasswordField name="current" label="Current password" autocomplete="current-password" />}
      <PasswordField name="password" label="New password, 12 characters or more" autocomplete="new-password" />
      <PasswordField name="again" label="Once more" autocomplete="new-password" />
      {problem !== undefined && (
        <p class="bad" role="alert">
          {problem}
        </p>
      )}
      <p class="meta" role="status">
        {said}
      </p>
      <button type="submit" class="primary">
        {hasPassword ? 'Change the password' : 'Choose this password'}
      </button>
    </form>
  );
}

const PasswordField = (props: { name: string; label: string; autocomplete: 'current-password' | 'new-password' }) => (
  <div class="field">
    <label for={`password-${props.name}`}>{props.label}</label>
    <input id={`password-${props.name}`} name={props.name} type="password" autocomplete={props.autocomplete} required />
  </div>
);
