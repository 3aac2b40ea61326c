import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readTextAsset } from '../core/assets.ts';
import type { Host, Ran } from '../core/host.ts';
import { firstLine } from './first-line.ts';
import { unfit } from './plain-path.ts';
import type { Enabled, Pause, Service } from './service.ts';

const LABEL = 'dev.capsule.kiro';
/** launchctl's catch-all: loaded already, on its way out, or a bad file. */
const IO_ERROR = 5;
/** There is no such domain: nobody of this name is logged in at the screen. */
const NO_SUCH_DOMAIN = 125;
const RETRIES_MS = [1_000, 2_000, 4_000];
const GONE_AFTER_MS = 25_000;
const LOOK_EVERY_MS = 250;

/** The launch agent of macOS. It starts again what ends with another code than 0. */
export const launchd: Service = {
  kind: 'launchd',
  restarts: true,
  here: ({ platform }) => platform === 'darwin',
  file: ({ home }) => path.join(home, 'Library', 'LaunchAgents', `${LABEL}.plist`),
  async render({ own: { program } }) {
    const why = unfit(program) ?? passing(program);
    return why === undefined ? { bytes: Buffer.from(renderPlist(program)) } : { why };
  },
  async enable(host, pause = wait) {
    await forget(host, pause);
    await launchctl(host, ['enable', target('gui')]);
    let ran = await bootstrap(host, 'gui');
    for (const ms of RETRIES_MS) {
      if (ran.exitCode !== IO_ERROR) break;
      await pause(ms);
      await forget(host, pause);
      ran = await bootstrap(host, 'gui');
    }
    return ran.exitCode === NO_SUCH_DOMAIN ? withoutScreen(host) : outcome(ran);
  },
  async disable(host) {
    for (const kind of ['gui', 'user'] as const) await launchctl(host, ['bootout', target(kind)]);
  },
  start: async (host) => (await launchctl(host, ['kickstart', target('gui')])).exitCode === 0,
  async ask(host) {
    // An agent of a login at the screen ends with it.
    const known = { outlivesLogout: false } as const;
    const disabled = await launchctl(host, ['print-disabled', domain('gui')]);
    if (disabled.exitCode !== 0) return { ...known, starts: null, said: 'nobody is logged in at the screen' };
    if (DISABLED.test(disabled.stdout)) return { ...known, starts: false, said: 'launchctl print-disabled names it' };
    const { exitCode } = await launchctl(host, ['print', target('gui')]);
    if (exitCode === 0) return { ...known, starts: true, said: 'launchctl print: loaded' };
    return { ...known, starts: false, said: `launchctl print does not know it (${exitCode})` };
  },
};

/** Older systems write `true` for it. */
const DISABLED = new RegExp(`"${LABEL.replaceAll('.', '\\.')}" => (?:disabled|true)`);

/** The launch agent's property list. Pure but for the text it fills. */
export function renderPlist(program: string): string {
  return readTextAsset('installer-assets/capsule-kiro.plist')
    .replace('{{label}}', LABEL)
    .replace('{{program}}', () => escapeXml(program));
}

/** A program there is gone at the next start: on a disk image, or where macOS runs a download that was not moved yet. */
function passing(program: string): string | undefined {
  if (!program.startsWith('/Volumes/') && !program.includes('/AppTranslocation/')) return undefined;
  return `${program} is a passing place; move the program to a folder of yours first`;
}

/** Takes the old registration out and waits until it is, because one that is still ending cannot be replaced. */
async function forget(host: Host, pause: Pause): Promise<void> {
  await launchctl(host, ['bootout', target('gui')]);
  for (let waited = 0; waited < GONE_AFTER_MS; waited += LOOK_EVERY_MS) {
    if ((await launchctl(host, ['print', target('gui')])).exitCode !== 0) return;
    await pause(LOOK_EVERY_MS);
  }
}

/** In a session without a screen the daemon can run for now; the next login at the screen takes over. */
async function withoutScreen(host: Host): Promise<Enabled> {
  await bootstrap(host, 'user');
  return { from: 'next-login', why: 'nobody is logged in at the screen' };
}

function outcome({ exitCode, stderr }: Ran): Enabled {
  if (exitCode === 0) return { from: 'now' };
  return { from: 'never', why: `launchctl bootstrap failed (${exitCode}): ${firstLine(stderr)}` };
}

const bootstrap = (host: Host, kind: 'gui' | 'user') =>
  launchctl(host, ['bootstrap', domain(kind), launchd.file(host)]);

function launchctl(host: Host, args: string[]): Promise<Ran> {
  return host.run('/bin/launchctl', args);
}

const domain = (kind: 'gui' | 'user') => `${kind}/${process.getuid?.() ?? 0}`;
/** Never the domain alone: that would log its user out. */
const target = (kind: 'gui' | 'user') => `${domain(kind)}/${LABEL}`;

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
