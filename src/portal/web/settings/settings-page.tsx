import type { MeAnswer } from '../../answers.ts';
import { ME, useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { Keys } from './keys.tsx';
import { Members } from './members.tsx';
import { PasswordForm } from './password-form.tsx';

/** How do I sign in, and who else may? `?first=1` is where the first link leads. */
export function SettingsPage({ search }: { search: string }) {
  useTitle('Settings');
  const { data: me, reload } = useResource<MeAnswer>(ME);
  if (me === undefined) return null;
  const first = new URLSearchParams(search).has('first') && !me.hasPassword;
  return (
    <>
      <div class="page-head">
        <h1>{first ? 'Choose a password' : 'Settings'}</h1>
      </div>
      {first && (
        <p>
          You are signed in, by a link that has done its work. With a password you need no further one.{' '}
          <a href="/">Later</a>
        </p>
      )}
      {me.signedInBy === 'session' && (
        <section aria-labelledby="password-title">
          <h2 id="password-title" class="section-head">
            Password of {me.account}
          </h2>
          <PasswordForm hasPassword={me.hasPassword} done={reload} />
        </section>
      )}
      {me.role === 'admin' && !first && (
        <>
          <Members me={me.account} />
          <Keys />
        </>
      )}
    </>
  );
}
