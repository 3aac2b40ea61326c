import { systemCode } from '../core/failure.ts';

/** Told of each folder that we may not look into; what is elsewhere is found all the same. */
export type OnRefused = (error: unknown) => void;

/** Whether the system does not let us look: another user's folder, or one that macOS protects. */
function isRefused(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(systemCode(error) ?? '');
}

/** The steps up to where we may not look, of which `refused` is told. */
export async function* untilRefused<T>(steps: AsyncGenerator<T>, refused: OnRefused): AsyncGenerator<T> {
  try {
    yield* steps;
  } catch (error) {
    if (!isRefused(error)) throw error;
    refused(error);
  }
}

/** What `look` finds, or `otherwise` when we may not look, of which `refused` is told. */
export async function unlessRefused<T>(look: () => Promise<T>, otherwise: T, refused: OnRefused): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (!isRefused(error)) throw error;
    refused(error);
    return otherwise;
  }
}
