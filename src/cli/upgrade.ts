import type { Host } from '../core/host.ts';
import { type Answer, defineCommand, type Progress } from './command.ts';
import { bytes } from './say.ts';
import { hasFailed } from './upgrading/failed-upgrade.ts';
import { type FoundUpgrade, findUpgrade } from './upgrading/find-upgrade.ts';
import { takeUpgrade } from './upgrading/take-upgrade.ts';

export const upgrade = defineCommand({
  usage: 'upgrade',
  summary: 'Ask the portal for a newer version, check its signature, and take it; back to this one if it does not work',
  options: {
    check: { type: 'boolean', default: false, describe: 'Only say whether there is one: exit code 3 if there is' },
    yes: { type: 'boolean', default: false, describe: 'Take it without asking' },
    'by-daemon': { type: 'boolean', default: false, describe: 'As the daemon does: not what failed here before' },
  },
  examples: [
    ['upgrade --check', 'What is there, and what is installed'],
    ['upgrade --yes', 'Take it'],
  ],
  async run(host, args, progress) {
    progress.show('Asking the portal …');
    const found = await findUpgrade(host);
    const { installed, newer } = found;
    if (newer === null)
      return answer(found, `The portal has nothing newer than version ${installed}, which is installed.`, 0);
    const there = `Version ${newer.version} is there (${bytes(newer.bytes)}, signed by the portal); installed is ${installed}.`;
    if (args.check) return answer(found, `${there}\nTake it with: capsule-kiro upgrade --yes`, 3);
    if (args['by-daemon'] && hasFailed(host.own, newer.sha256)) return answer(found, `${there}\nIt failed before.`, 3);
    if (!args.yes && !args['by-daemon'] && !(await progress.confirm(`${there} Take it?`))) {
      return answer(found, 'Nothing was changed. To take it without being asked: capsule-kiro upgrade --yes', 3);
    }
    return take(host, found, newer, progress);
  },
});

async function take(
  host: Host,
  found: FoundUpgrade,
  newer: NonNullable<FoundUpgrade['newer']>,
  progress: Progress,
): Promise<Answer> {
  const pid = await takeUpgrade(host, found, newer, progress);
  const said = `Version ${newer.version} took the place of ${found.installed}. The daemon runs (process ${pid}).`;
  return answer(found, said, 0, pid);
}

function answer({ installed, newer }: FoundUpgrade, output: string, exitCode: 0 | 3, pid?: number): Answer {
  const available = newer === null ? null : { version: newer.version, bytes: newer.bytes, sha256: newer.sha256 };
  return { output, json: { installed, newer: available, taken: pid !== undefined, pid: pid ?? null }, exitCode };
}
