import type { Json } from '../../core/event.ts';
import { count } from '../say.ts';
import type { CheckStatus } from './check.ts';
import type { CheckResult } from './run-checks.ts';

/** Worst first. */
const ORDER: readonly CheckStatus[] = ['fail', 'unknown', 'warn', 'skip', 'pass'];
const LABELS: { [S in CheckStatus]: string } = {
  fail: 'FAIL',
  unknown: 'UNKNOWN',
  warn: 'WARN',
  skip: 'skipped',
  pass: 'ok',
};
/** A thousand workspaces may be alike. */
const MOST_EVIDENCE = 5;

/** How often each status was found. Pure. */
export function summarize(results: readonly CheckResult[]): { [S in CheckStatus]: number } {
  const of = (status: CheckStatus) => results.filter((result) => result.status === status).length;
  return { fail: of('fail'), unknown: of('unknown'), warn: of('warn'), skip: of('skip'), pass: of('pass') };
}

/** Whether nothing was found that needs a person. Pure. */
export function isHealthy(results: readonly CheckResult[]): boolean {
  return results.every(({ status }) => status === 'pass' || status === 'skip');
}

/** For a person: worst first, what is well in one line unless `verbose`. Pure. */
export function sayFindings(results: readonly CheckResult[], { verbose }: { verbose: boolean }): string {
  const shown = results.filter((result) => verbose || needsPerson(result));
  const sorted = ORDER.flatMap((status) => shown.filter((result) => result.status === status));
  return [...sorted.flatMap((result) => [...sayResult(result, verbose), '']), ...sayEnd(results, verbose)].join('\n');
}

/** The findings for `--json`, in the order in which they were looked for. Pure. */
export function findingsAsJson(results: readonly CheckResult[]): { [key: string]: Json } {
  return {
    healthy: isHealthy(results),
    summary: summarize(results),
    checks: results.map(({ check: { id, title, why, needs }, status, read, evidence, fix }) => ({
      id,
      status,
      title,
      read,
      evidence,
      why,
      fix: fix === null ? null : { say: fix.say, command: fix.command ?? null },
      needs: [...needs],
    })),
  };
}

const needsPerson = ({ status }: CheckResult) => status !== 'pass' && status !== 'skip';

function sayResult(result: CheckResult, verbose: boolean): string[] {
  const { check, status, read, evidence, fix } = result;
  // What is amiss is not said as if it held.
  const about = needsPerson(result) ? `${check.id} (expected: ${check.title})` : `${check.id}: ${check.title}`;
  const head = `${LABELS[status].padEnd(7)}  ${about}`;
  const most = verbose ? evidence.length : MOST_EVIDENCE;
  const more = evidence.length - most;
  return [
    head,
    ...evidence.slice(0, most).map((text) => line('found', text)),
    ...(more > 0 ? [line('', `and ${more} more; all of them: capsule-kiro diagnose -v --only ${check.id}`)] : []),
    ...(needsPerson(result) || verbose ? [line('why', check.why)] : []),
    ...(verbose && read.length > 0 ? [line('read', read.join(', '))] : []),
    ...(fix === null ? [] : [line('fix', fix.say)]),
    ...(fix?.command === undefined ? [] : [line('run', fix.command)]),
  ];
}

/** The two spaces before the text are the column under which a terminal's lines are broken. */
const line = (name: string, text: string) => `  ${name.padEnd(5)}  ${text}`;

function sayEnd(results: readonly CheckResult[], verbose: boolean): string[] {
  const { fail, unknown, warn, skip, pass } = summarize(results);
  const folded = verbose ? '' : '; see them with: capsule-kiro diagnose -v';
  if (isHealthy(results)) {
    return [
      `All is well: ${count(pass, 'check')} passed${folded}`,
      'If events are missing all the same, follow one on its way: capsule-kiro diagnose --probe',
    ];
  }
  const needing = fail + unknown + warn;
  const skipped = skip === 0 ? '' : `, ${skip} skipped`;
  return [
    `${needing} of ${count(results.length, 'check')} ${needing === 1 ? 'needs' : 'need'} you; ${pass} passed${skipped}${folded}`,
  ];
}
