import type { MeAnswer } from '../answers.ts';
import { AgentsPage } from './agents/agents-page.tsx';
import { EventPage } from './event-page.tsx';
import { lazy } from './lazy.tsx';
import { Me, useOwnDevice } from './me.ts';
import { Empty, Failed } from './notices.tsx';
import { AGENTS, pageOf } from './pages.ts';
import { usePlace } from './router.ts';
import { SessionsPage } from './sessions/sessions-page.tsx';
import { Shell } from './shell.tsx';
import { ME, useResource } from './use-resource.ts';

const SignIn = lazy(() => import('./sign-in.tsx').then((page) => page.SignIn));
const OverviewPage = lazy(() => import('./overview/overview-page.tsx').then((page) => page.OverviewPage));
const AuditPage = lazy(() => import('./audit/audit-page.tsx').then((page) => page.AuditPage));
const ActsPage = lazy(() => import('./audit/acts-page.tsx').then((page) => page.ActsPage));
const SessionPage = lazy(() => import('./timeline/session-page.tsx').then((page) => page.SessionPage));
const SearchPage = lazy(() => import('./search/search-page.tsx').then((page) => page.SearchPage));
const ChartsPage = lazy(() => import('./charts/charts-page.tsx').then((page) => page.ChartsPage));
const HeldPage = lazy(() => import('./inventory/held-page.tsx').then((page) => page.HeldPage));
const AgentPage = lazy(() => import('./agents/agent-page.tsx').then((page) => page.AgentPage));
const InstallPage = lazy(() => import('./integrations/install-page.tsx').then((page) => page.InstallPage));
const SettingsPage = lazy(() => import('./settings/settings-page.tsx').then((page) => page.SettingsPage));
const PoliciesPage = lazy(() => import('./policies/pages.ts').then((page) => page.PoliciesPage));
const PolicyPage = lazy(() => import('./policies/pages.ts').then((page) => page.PolicyPage));
const VersionPage = lazy(() => import('./policies/pages.ts').then((page) => page.VersionPage));
const DetectionsPage = lazy(() => import('./policies/pages.ts').then((page) => page.DetectionsPage));
const DetectionPage = lazy(() => import('./policies/pages.ts').then((page) => page.DetectionPage));
const RetentionPage = lazy(() => import('./settings/retention-page.tsx').then((page) => page.RetentionPage));
const UpgradesPage = lazy(() => import('./upgrades/upgrades-page.tsx').then((page) => page.UpgradesPage));
const StreamsPage = lazy(() => import('./settings/streams-page.tsx').then((page) => page.StreamsPage));
const NotificationsPage = lazy(() =>
  import('./settings/notifications-page.tsx').then((page) => page.NotificationsPage),
);

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
    <Me.Provider value={me.data}>
      <Shell me={me.data}>
        <Current />
      </Shell>
    </Me.Provider>
  );
}

function Current() {
  const { path, search } = usePlace();
  const page = pageOf(path);
  const own = useOwnDevice();
  switch (page.name) {
    case 'agents':
      return <AgentsPage search={search} />;
    case 'agent':
      return <AgentPage key={page.id} id={page.id} tab={page.tab} search={search} />;
    case 'held':
      return <HeldPage part={page.part} search={search} />;
    case 'upgrades':
      return <UpgradesPage />;
    case 'home':
      return own === null ? <OverviewPage /> : <AgentPage key={own} id={own} tab="overview" search={search} />;
    case 'audit':
      return <AuditPage search={search} />;
    case 'acts':
      return <ActsPage search={search} />;
    case 'search':
      return <SearchPage search={search} />;
    case 'charts':
      return <ChartsPage search={search} />;
    case 'sessions':
      return <SessionsPage search={search} />;
    case 'session':
      return <SessionPage key={page.id} id={page.id} search={search} />;
    case 'event':
      return <EventPage id={page.id} />;
    case 'install':
      return <InstallPage search={search} />;
    case 'policies':
      return <PoliciesPage search={search} />;
    case 'policy':
      return <PolicyPage key={page.id} id={page.id} run={page.run} search={search} />;
    case 'policy-version':
      return <VersionPage key={page.id} id={page.id} version={page.version} />;
    case 'detections':
      return <DetectionsPage search={search} />;
    case 'detection':
      return <DetectionPage key={page.id} id={page.id} search={search} />;
    case 'settings':
      return <SettingsPage />;
    case 'retention':
      return <RetentionPage />;
    case 'streams':
      return <StreamsPage />;
    case 'notifications':
      return <NotificationsPage />;
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
