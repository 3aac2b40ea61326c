import { existsSync } from 'node:fs';
import path from 'node:path';
import { readTextAsset } from '../core/assets.ts';
import type { Host, Ran } from '../core/host.ts';
import { firstLine } from './first-line.ts';
import { unfit } from './plain-path.ts';
import type { Service } from './service.ts';
import { configFolder } from './xdg-autostart.ts';

const UNIT = 'capsule-kiro.service';

/** The unit of a user's own systemd. */
export const systemd: Service = {
  kind: 'systemd',
  restarts: true,
  here: ({ platform }) => platform === 'linux' && existsSync('/run/systemd/system'),
  file: (host) => path.join(configFolder(host), 'systemd', 'user', UNIT),
  async render({ own: { program } }) {
    // systemd refuses to start a program with one of these in its name, however it is quoted.
    const why = unfit(program, /['"\\]/);
    return why === undefined ? { bytes: Buffer.from(renderUnit(program)) } : { why };
  },
  async enable(host) {
    await systemctl(host, ['daemon-reload']);
    const enabled = await systemctl(host, ['enable', UNIT]);
    if (enabled.exitCode !== 0)
      return { from: 'never', why: `systemctl --user enable ${UNIT} failed: ${firstLine(enabled.stderr)}` };
    // Not `start`: an older unit may be running the program as it was before.
    const started = await systemctl(host, ['restart', UNIT]);
    if (started.exitCode === 0) return { from: 'now' };
    return { from: 'next-login', why: `it cannot be started from here: ${firstLine(started.stderr)}` };
  },
  async disable(host) {
    await systemctl(host, ['disable', '--now', UNIT]);
  },
  start: async (host) => (await systemctl(host, ['start', UNIT])).exitCode === 0,
  async ask(host) {
    const { exitCode, stdout, stderr } = await systemctl(host, ['is-enabled', UNIT]);
    // One word when it answers at all, `disabled` or `masked` with an exit code of its own.
    const state = firstLine(stdout);
    const starts = state === '' ? null : exitCode === 0;
    const said = `systemctl --user is-enabled: ${state === '' ? firstLine(stderr) || 'no answer' : state}`;
    return { starts, said, outlivesLogout: await lingers(host) };
  },
};

/** Whether this user's own systemd runs without a login; null where no login manager tells. */
async function lingers({ run, user }: Host): Promise<boolean | null> {
  const { exitCode, stdout } = await run('loginctl', ['show-user', user, '--property=Linger']);
  return exitCode === 0 ? firstLine(stdout) === 'Linger=yes' : null;
}

/** The unit's text. Within its double quotes `%` begins a specifier. Pure but for the text it fills. */
export function renderUnit(program: string): string {
  return readTextAsset('installer-assets/capsule-kiro.service').replace('{{program}}', () =>
    program.replaceAll('%', '%%'),
  );
}

/** Sessions through SSH, cron or sudo often lack the variable by which systemctl finds its user's manager. */
function systemctl(host: Host, args: string[]): Promise<Ran> {
  const full = ['systemctl', '--user', ...args];
  if (host.env.XDG_RUNTIME_DIR) return host.run('systemctl', full.slice(1));
  return host.run('/usr/bin/env', [`XDG_RUNTIME_DIR=/run/user/${process.getuid?.() ?? 0}`, ...full]);
}
