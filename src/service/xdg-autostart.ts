import path from 'node:path';
import { readTextAsset } from '../core/assets.ts';
import type { Host } from '../core/host.ts';
import { unfit } from './plain-path.ts';
import type { Service } from './service.ts';

/** What a desktop starts at login, for desktops without systemd. It starts nothing again that crashed. */
export const xdgAutostart: Service = {
  kind: 'xdg-autostart',
  restarts: false,
  // Without a desktop nothing would ever read the file.
  here: ({ platform, env }) => platform === 'linux' && Boolean(env.XDG_CURRENT_DESKTOP || env.DESKTOP_SESSION),
  file: (host) => path.join(configFolder(host), 'autostart', 'capsule-kiro.desktop'),
  async render({ own: { program } }) {
    const why = unfit(program);
    return why === undefined ? { bytes: Buffer.from(renderDesktopEntry(program)) } : { why };
  },
  // How desktops write down that their user wants it off.
  switchedOff: (text) => /^\s*(?:Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/im.test(text),
  enable: async () => ({ from: 'now' }),
  disable: async () => {},
  start: async () => false,
  ask: async () => ({ starts: null, said: 'a desktop goes by this file alone', outlivesLogout: null }),
};

/** The desktop entry's text. Pure but for the text it fills. */
export function renderDesktopEntry(program: string): string {
  // The argument is quoted first; then the value as a whole, in which a backslash stands for itself only when doubled.
  const quoted = program
    .replace(/["`$\\]/g, '\\$&')
    .replaceAll('%', '%%')
    .replaceAll('\\', '\\\\');
  return readTextAsset('installer-assets/capsule-kiro.desktop')
    .replace('{{quoted}}', () => quoted)
    .replace('{{program}}', () => program.replaceAll('\\', '\\\\'));
}

/** The user's configuration folder on Linux. The XDG specification says that a relative path is to be ignored. */
export function configFolder({ home, env }: Pick<Host, 'home' | 'env'>): string {
  const xdg = env.XDG_CONFIG_HOME ?? '';
  return path.isAbsolute(xdg) ? xdg : path.join(home, '.config');
}
