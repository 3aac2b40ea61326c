import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { MeAnswer } from '../answers.ts';
import { postJson } from './api.ts';
import { Icon, type IconName } from './icon.tsx';
import { useKeys } from './keys.ts';
import { KeysHelp } from './keys-help.tsx';
import { AGENTS, INSTALL, SESSIONS } from './pages.ts';
import { setPreference, THEMES, usePreferences } from './preferences.ts';
import { go, usePlace } from './router.ts';

/** What stands around every page: the menu, who is signed in, and what works everywhere. */
export function Shell({ me, children }: { me: MeAnswer; children: ComponentChildren }) {
  const help = useRef<HTMLDialogElement>(null);
  const { zone } = usePreferences();
  useKeys({
    '?': () => help.current?.showModal(),
    t: () => setPreference({ zone: zone === 'utc' ? 'local' : 'utc' }),
    a: () => go(AGENTS),
    s: () => go(SESSIONS),
    i: () => go(INSTALL),
  });
  return (
    <div class="shell">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="side">
        <a class="brand" href={AGENTS}>
          <Icon name="capsule" /> Capsule <span class="brand-for">for Kiro</span>
        </a>
        <nav aria-label="Pages">
          {me.role === 'admin' && (
            <MenuGroup name="Integrations">
              <MenuLink href={INSTALL} icon="download" label="Kiro" />
            </MenuGroup>
          )}
          <MenuGroup name="Inventory">
            <MenuLink href={AGENTS} icon="agents" label="Agents" />
          </MenuGroup>
          <MenuGroup name="Observability">
            <MenuLink href={SESSIONS} icon="sessions" label="Sessions" />
          </MenuGroup>
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

const MenuGroup = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div class="menu-group">
    <div class="menu-name">{name}</div>
    {children}
  </div>
);

function MenuLink({ href, icon, label }: { href: string; icon: IconName; label: string }) {
  const { path } = usePlace();
  return (
    <a class="menu-link" href={href} aria-current={path.startsWith(href) ? 'page' : undefined}>
      <Icon name={icon} /> {label}
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
          {me.account} · {me.role}
        </span>
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
