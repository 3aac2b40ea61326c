import { existsSync } from 'node:fs';
import path from 'node:path';
import { readTextAsset } from '../core/assets.ts';
import type { Host, Ran } from '../core/host.ts';
import type { Service } from './service.ts';

const UNIT = 'capsule-kiro.service';
const USABLE = new Set(['running', 'degraded', 'starting']);

export const systemd: Service & { usable(host: Host): Promise<boolean> } = {
  kind: 'systemd',
  async usable(host) {
    if (!existsSync('/run/systemd/system')) return false;
    return USABLE.has((await systemctl(host, ['is-system-running'], 3_000)).stdout.trim());
  },
  file: ({ home, env }) => path.join(env.XDG_CONFIG_HOME || path.join(home, '.config'), 'systemd', 'user', UNIT),
  render: (program) =>
    readTextAsset('installer-assets/capsule-kiro.service').replace('{{program}}', () => quote(program)),
  async enable(host) {
    await systemctl(host, ['daemon-reload']);
    const { exitCode, stderr } = await systemctl(host, ['enable', '--now', UNIT]);
    if (exitCode === 0) return { from: 'now' };
    return { from: 'never', why: `systemctl --user enable ${UNIT} failed: ${stderr.trim().split('\n')[0]}` };
  },
  async disable(host) {
    await systemctl(host, ['disable', '--now', UNIT]);
  },
  start: async (host) => (await systemctl(host, ['start', UNIT])).exitCode === 0,
};

function systemctl(host: Host, args: string[], limitMs?: number): Promise<Ran> {
  return host.run('systemctl', ['--user', ...args], limitMs);
}

/** Within the unit's double quotes `%` begins a specifier, and a quote or backslash would end the word. */
function quote(program: string): string {
  return program.replaceAll('%', '%%').replace(/["\\]/g, '\\$&');
}
