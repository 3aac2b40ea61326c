import type { MeAnswer } from '../../answers.ts';
import { ME, useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { Keys } from './keys.tsx';
import { Members } from './members.tsx';
import { PasswordForm } from './password-form.tsx';

/** How do I sign in, and who else may? */
export function SettingsPage() {
  useTitle('Access');
  const { data: me, reload } = useResource<MeAnswer>(ME);
  if (me === undefined) return null;
  return (
    <>
      <div class="page-head">
        <h1>Access</h1>
      </div>
      {me.signedInBy === 'session' && (
        <section aria-labelledby="password-title">
          <h2 id="password-title" class="section-head">
            Password of {me.account}
          </h2>
          {!me.hasPassword && (
            <p class="meta">You signed in by a link, which works once. With a password you need no further one.</p>
          )}
          <PasswordForm account={me.account} hasPassword={me.hasPassword} done={reload} />
        </section>
      )}
      {me.role === 'admin' && (
        <>
          <Members me={me.account} />
          <Keys />
        </>
      )}
    </>
  );
}
