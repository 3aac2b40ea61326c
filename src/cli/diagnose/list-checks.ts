import type { Json } from '../../core/event.ts';
import type { Check } from './check.ts';

/** Every check by id, for `diagnose --list`. Pure. */
export function sayChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ id }) => id.length));
  return checks.map(({ id, title }) => `${id.padEnd(width)}  ${title}`).join('\n');
}

/** The same for `--json`. Pure. */
export function checksAsJson(checks: readonly Check[]): Json {
  return checks.map(({ id, title, why, remedy, needs }) => ({ id, title, why, remedy, needs: [...needs] }));
}

/** The README's table of what may be wrong, made of the checks. Pure. */
export function troubleshootingTable(checks: readonly Check[]): string {
  const rows = checks.map(
    ({ id, title, why, remedy }) => `| \`${id}\` | ${cell(title)} | ${cell(why)} | ${cell(remedy)} |`,
  );
  return ['| check | holds when all is well | else | then |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const cell = (text: string) => text.replaceAll('|', '\\|');
