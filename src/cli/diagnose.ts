/** From "events do not appear" to the cause. Runs with the daemon down, and with half of everything missing. */

import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { type Answer, defineCommand, type Progress } from './command.ts';
import type { Check } from './diagnose/check.ts';
import { CHECKS } from './diagnose/checks.ts';
import { doRepairs, type PlannedRepair, planRepairs, repairsAsJson, sayRepairs } from './diagnose/fix-findings.ts';
import { type Facts, gatherFacts } from './diagnose/gather-facts.ts';
import { checksAsJson, sayChecks } from './diagnose/list-checks.ts';
import { type CheckResult, chooseChecks, runChecks } from './diagnose/run-checks.ts';
import { findingsAsJson, isHealthy, sayFindings } from './diagnose/say-findings.ts';

export const diagnose = defineCommand({
  usage: 'diagnose',
  summary: 'Find out why events do not appear, with what to do about it',
  options: {
    only: { type: 'string', array: true, describe: 'Only this check, or all whose id begins so: daemon, token.valid' },
    list: { type: 'boolean', default: false, describe: 'Only list the checks' },
    fix: { type: 'boolean', default: false, describe: 'Repair what can be repaired safely, after showing the plan' },
    'dry-run': { type: 'boolean', default: false, describe: 'With --fix: show the plan, change nothing' },
    probe: {
      type: 'boolean',
      default: false,
      describe: 'Run the installed hooks as Kiro would, and follow a marked ring to the portal',
    },
    bundle: { type: 'string', describe: 'Write what support needs into this .tar.gz, without content and secrets' },
    force: { type: 'boolean', default: false, describe: 'With --bundle: replace the file that is there' },
    verbose: { type: 'boolean', default: false, alias: 'v', describe: 'Also show what is well, and what was read' },
  },
  examples: [
    ['diagnose', 'Exit code 0: healthy; 3: something was found; 1: diagnose itself failed'],
    ['diagnose --only portal -v', 'Just the way to the portal, in detail'],
    ['diagnose --probe', 'Prove the whole way, with the time of each hop; nothing of it is among the events'],
    ['diagnose --bundle capsule.tar.gz', 'For support; what goes in is shown'],
    ['diagnose --fix --dry-run', 'What it would put right by itself'],
  ],
  async run(host, args, progress) {
    if (args.probe) return (await import('./probe/run-probe.ts')).runProbe(host, progress);
    const chosen = choose(args.only);
    if (args.list) return list(CHECKS.filter(({ id }) => chosen.show.has(id)));
    const facts = gatherFacts(host);
    const results = await findOut(host, facts, chosen, progress);
    if (args.bundle !== undefined) {
      const { makeBundle } = await import('./bundle/make-bundle.ts');
      const order = { file: args.bundle, force: args.force, findings: findingsAsJson(results) };
      return makeBundle(host, order, progress);
    }
    if (!args.fix) return answer(results, args.verbose);
    const planned = await planRepairs(host, facts, results);
    if (args['dry-run']) return answer(results, args.verbose, planned);
    progress.say(sayRepairs(planned).join('\n'));
    const repairs = await doRepairs(host, facts, planned);
    return answer(await findOut(host, gatherFacts(host), chosen, progress), args.verbose, repairs);
  },
});

interface Chosen {
  run: readonly Check[];
  show: ReadonlySet<string>;
}

function choose(only: readonly string[] | undefined): Chosen {
  if (only === undefined) return { run: CHECKS, show: new Set(CHECKS.map(({ id }) => id)) };
  const chosen = chooseChecks(CHECKS, only);
  if (chosen.show.size > 0) return chosen;
  throw new Failure('usage', `There is no check called ${only.join(', ')}`, {
    hint: 'See them with: capsule-kiro diagnose --list',
  });
}

async function findOut(host: Host, facts: Facts, { run, show }: Chosen, progress: Progress): Promise<CheckResult[]> {
  const results = await runChecks(host, run, facts, ({ title }) => progress.show(`Looking whether ${title} …`));
  return results.filter(({ check }) => show.has(check.id));
}

function list(checks: readonly Check[]): Answer {
  return { output: sayChecks(checks), json: { checks: checksAsJson(checks) }, exitCode: 0 };
}

function answer(results: readonly CheckResult[], verbose: boolean, repairs?: readonly PlannedRepair[]): Answer {
  return {
    output: [...(repairs === undefined ? [] : sayRepairs(repairs)), sayFindings(results, { verbose })].join('\n'),
    json: { ...findingsAsJson(results), ...(repairs !== undefined && { repairs: repairsAsJson(repairs) }) },
    exitCode: isHealthy(results) ? 0 : 3,
  };
}
