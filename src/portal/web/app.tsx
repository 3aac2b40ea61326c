import { useEffect } from 'preact/hooks';
import type { MeAnswer } from '../answers.ts';
import { AgentPage } from './agents/agent-page.tsx';
import { AgentsPage } from './agents/agents-page.tsx';
import { EventPage } from './event-page.tsx';
import { InstallPage } from './integrations/install-page.tsx';
import { Empty, Failed } from './notices.tsx';
import { AGENTS, pageOf } from './pages.ts';
import { go, usePlace } from './router.ts';
import { SessionsPage } from './sessions/sessions-page.tsx';
import { Shell } from './shell.tsx';
import { SignIn } from './sign-in.tsx';
import { SessionPage } from './timeline/session-page.tsx';
import { ME, useResource } from './use-resource.ts';

/** Who is here decides what is drawn: the sign-in, or the page that the address names. */
export function App() {
  const { path } = usePlace();
  if (path === '/sign-in') return <SignIn />;
  return <SignedIn />;
}

function SignedIn() {
  const me = useResource<MeAnswer>(ME);
  if (me.error?.status === 401) return <SignIn />;
  if (me.error !== undefined) {
    return (
      <main class="sign-in">
        <Failed error={me.error} retry={me.reload} />
      </main>
    );
  }
  if (me.data === undefined) return null;
  return (
    <Shell me={me.data}>
      <Current />
    </Shell>
  );
}

function Current() {
  const { path, search } = usePlace();
  const page = pageOf(path);
  useEffect(() => {
    if (page.name === 'home') go(AGENTS, { replace: true });
  }, [page.name]);
  switch (page.name) {
    case 'agents':
      return <AgentsPage search={search} />;
    case 'agent':
      return <AgentPage key={page.id} id={page.id} />;
    case 'sessions':
      return <SessionsPage search={search} />;
    case 'session':
      return <SessionPage key={page.id} id={page.id} search={search} />;
    case 'event':
      return <EventPage id={page.id} />;
    case 'install':
      return <InstallPage search={search} />;
    case 'unknown':
      return (
        <Empty title="There is no such page">
          <a href={AGENTS}>Go to the agents</a>
        </Empty>
      );
    default:
      return null;
  }
}
