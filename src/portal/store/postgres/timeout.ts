import { systemCode } from '../../../core/failure.ts';

/** Whether PostgreSQL ended a statement because it took longer than it was given. */
export function isTimeout(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return [error, cause].some((each) => systemCode(each) === '57014');
}
