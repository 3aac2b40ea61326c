import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { MeAnswer } from '../answers.ts';
import { postJson } from './api.ts';
import { OpenCount } from './detections/open-count.tsx';
import { Icon, type IconName } from './icon.tsx';
import { useKeys } from './keys.ts';
import { KeysHelp } from './keys-help.tsx';
import {
  AGENTS,
  AUDIT,
  CHARTS,
  DETECTIONS,
  HELD,
  INSTALL,
  NOTIFICATIONS,
  OVERVIEW,
  POLICIES,
  RETENTION,
  SEARCH,
  SESSIONS,
  SETTINGS,
  STREAMS,
  UPGRADES,
} from './pages.ts';
import { setPreference, THEMES, usePreferences } from './preferences.ts';
import { go, usePlace } from './router.ts';
import { useHeadFocus } from './use-head-focus.ts';

/** What stands around every page: the menu, who is signed in, and what works everywhere. */
export function Shell({ me, children }: { me: MeAnswer; children: ComponentChildren }) {
  const help = useRef<HTMLDialogElement>(null);
  const { zone } = usePreferences();
  const { path } = usePlace();
  const [menu, setMenu] = useState(false);
  useEffect(() => setMenu(false), [path]);
  useHeadFocus(path);
  useKeys({
    '?': () => help.current?.showModal(),
    t: () => setPreference({ zone: zone === 'utc' ? 'local' : 'utc' }),
    'g o': () => go(OVERVIEW),
    'g a': () => go(AGENTS),
    'g l': () => go(AUDIT),
    'g f': () => go(SEARCH),
    'g s': () => go(SESSIONS),
    'g i': () => go(INSTALL),
    'g p': () => go(POLICIES),
    'g d': () => go(DETECTIONS),
    'g u': () => go(UPGRADES),
  });
  return (
    <div class="shell">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="side">
        <a class="brand" href={OVERVIEW}>
          <Icon name="capsule" /> Capsule <span class="brand-for">for Kiro</span>
        </a>
        <MenuButton open={menu} turn={() => setMenu(!menu)} />
        <nav id="menu" aria-label="Pages" data-open={menu ? '' : undefined}>
          {me.device === null ? <WholeMenu me={me} /> : <OwnMenu />}
        </nav>
        <Foot me={me} showHelp={() => help.current?.showModal()} />
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <KeysHelp dialog={help} />
    </div>
  );
}

const WholeMenu = ({ me }: { me: MeAnswer }) => (
  <>
    <MenuLink href={OVERVIEW} icon="overview" label="Overview" />
    {me.role === 'admin' && (
      <MenuGroup name="Integrations">
        <MenuLink href={INSTALL} icon="download" label="Kiro" />
      </MenuGroup>
    )}
    <MenuGroup name="Inventory">
      <MenuLink href={AGENTS} icon="agents" label="Agents" />
      <MenuLink href={UPGRADES} icon="upgrades" label="Upgrades" />
      <MenuLink href={HELD.mcpServer} icon="server" label="MCP servers" />
      <MenuLink href={HELD.skill} icon="skill" label="Skills" />
      <MenuLink href={HELD.steering} icon="steering" label="Steering" />
    </MenuGroup>
    <MenuGroup name="Observability">
      <MenuLink href={SESSIONS} icon="sessions" label="Sessions" />
      <MenuLink href={SEARCH} icon="search" label="Search" />
      <MenuLink href={CHARTS} icon="charts" label="Charts" />
      <MenuLink href={AUDIT} icon="log" label="Audit logs" />
    </MenuGroup>
    <MenuGroup name="Security">
      <MenuLink href={DETECTIONS} icon="detections" label="Detections">
        <OpenCount />
      </MenuLink>
      <MenuLink href={POLICIES} icon="policies" label="Policies" />
    </MenuGroup>
    <MenuGroup name="Settings">
      <MenuLink href={SETTINGS} icon="access" label="Access" />
      {me.role === 'admin' && <MenuLink href={NOTIFICATIONS} icon="notifications" label="Notifications" />}
      {me.role === 'admin' && <MenuLink href={STREAMS} icon="link" label="Streams" />}
      {me.role === 'admin' && <MenuLink href={RETENTION} icon="retention" label="Retention" />}
    </MenuGroup>
  </>
);

/** Of whoever may see one device. */
const OwnMenu = () => (
  <MenuGroup name="This device">
    <MenuLink href={OVERVIEW} icon="agents" label="Overview" />
    <MenuLink href={SESSIONS} icon="sessions" label="Sessions" />
    <MenuLink href={SEARCH} icon="search" label="Search" />
    <MenuLink href={AUDIT} icon="log" label="Audit logs" />
  </MenuGroup>
);

/** Folds the menu away where the screen is narrow; elsewhere it is not shown. */
const MenuButton = ({ open, turn }: { open: boolean; turn(): void }) => (
  <button type="button" class="menu-button" aria-expanded={open} aria-controls="menu" onClick={turn}>
    Menu
  </button>
);

const MenuGroup = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div class="menu-group">
    <div class="menu-name">{name}</div>
    {children}
  </div>
);

/** Every address begins with that of the overview. */
const isWithin = (path: string, href: string): boolean =>
  href === OVERVIEW ? path === OVERVIEW : path === href || path.startsWith(`${href}/`);

interface MenuLinkProps {
  href: string;
  icon: IconName;
  label: string;
  children?: ComponentChildren;
}

function MenuLink({ href, icon, label, children }: MenuLinkProps) {
  const { path } = usePlace();
  const isHere = isWithin(path, href);
  const link = useRef<HTMLAnchorElement>(null);
  // The menu scrolls where the window is low, and where one is has to be seen.
  useEffect(() => {
    if (isHere) link.current?.scrollIntoView({ block: 'nearest' });
  }, [isHere]);
  return (
    <a ref={link} class="menu-link" href={href} aria-current={isHere ? 'page' : undefined}>
      <Icon name={icon} /> {label}
      {children}
    </a>
  );
}

function Foot({ me, showHelp }: { me: MeAnswer; showHelp(): void }) {
  const { theme, zone } = usePreferences();
  const nextTheme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  const signOut = async () => {
    await postJson('/api/sign-out', {});
    location.assign('/sign-in');
  };
  return (
    <div class="side-foot">
      <div class="who">
        <span class="who-org">{me.organisation}</span>
        <span class="meta">
          {me.account} · {me.device === null ? me.role : 'this device alone'}
        </span>
        {me.signedInBy === 'session' && !me.hasPassword && <a href={SETTINGS}>Choose a password</a>}
      </div>
      <div class="side-buttons">
        <button type="button" class="quiet" onClick={() => setPreference({ zone: zone === 'utc' ? 'local' : 'utc' })}>
          {zone === 'utc' ? 'UTC' : 'Local time'}
        </button>
        <button
          type="button"
          class="quiet"
          aria-label={`Theme: ${theme}. Change to ${nextTheme}`}
          onClick={() => setPreference({ theme: nextTheme })}
        >
          <Icon name="theme" /> {theme}
        </button>
        <button type="button" class="quiet" aria-label="Keyboard shortcuts" onClick={showHelp}>
          <Icon name="keys" />
        </button>
        <button type="button" class="quiet" aria-label="Sign out" onClick={signOut}>
          <Icon name="sign-out" />
        </button>
      </div>
    </div>
  );
}
