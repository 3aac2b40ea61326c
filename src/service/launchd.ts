import path from 'node:path';
import { readTextAsset } from '../core/assets.ts';
import type { Host, Ran } from '../core/host.ts';
import type { Service } from './service.ts';

const LABEL = 'dev.capsule.kiro';
const NO_SUCH_DOMAIN = 125;

export const launchd: Service = {
  kind: 'launchd',
  file: ({ home }) => path.join(home, 'Library', 'LaunchAgents', `${LABEL}.plist`),
  render: (program) =>
    readTextAsset('installer-assets/capsule-kiro.plist')
      .replace('{{label}}', LABEL)
      .replace('{{program}}', () => escapeXml(program)),
  async enable(host) {
    await launchctl(host, ['bootout', target()]);
    await launchctl(host, ['enable', target()]);
    const { exitCode, stderr } = await launchctl(host, ['bootstrap', domain(), launchd.file(host)]);
    if (exitCode === 0) return { from: 'now' };
    if (exitCode === NO_SUCH_DOMAIN) return { from: 'next-login', why: 'nobody is logged in at the screen' };
    return { from: 'never', why: `launchctl bootstrap failed (${exitCode}): ${stderr.trim().split('\n')[0]}` };
  },
  async disable(host) {
    await launchctl(host, ['bootout', target()]);
  },
  start: async (host) => (await launchctl(host, ['kickstart', target()])).exitCode === 0,
};

function launchctl(host: Host, args: string[]): Promise<Ran> {
  return host.run('/bin/launchctl', args);
}

const domain = () => `gui/${process.getuid?.() ?? 0}`;
const target = () => `${domain()}/${LABEL}`;

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
