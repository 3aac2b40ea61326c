/**
 * Which modules the test files of one process share. The product and its packages are loaded once, by Node itself; whatever is
 * below `test` is loaded anew for each test file, because it registers what runs before and after that file's tests.
 */
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

// For the programs that tests start: two thirds of a start are the stripping of types and compiling. The launcher's own cache.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../node_modules/.cache/capsule-kiro', import.meta.url));

type Globals = Readonly<Record<string, unknown>>;

const TESTS = pathToFileURL(`${import.meta.dirname}/../`).href;
const GLOBALS = 'jest-globals:';
const NAMES = 'afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test';
const KEPT = Symbol.for('capsule-test-globals');
const globalsOf = new Map<string, Globals>();
Object.assign(globalThis, { [KEPT]: globalsOf });

/** The address of a module that is this suite's own. */
export const addressIn = (suite: string, file: string): string => `${pathToFileURL(file).href}?suite=${suite}`;

/** What `@jest/globals` holds for the modules of a suite. */
export function setGlobals(suite: string, globals: Globals): void {
  globalsOf.set(suite, globals);
}

export function forgetGlobals(suite: string): void {
  globalsOf.delete(suite);
}

/** A stack as it would be if no module's address named its suite. Pure. */
export const plainStack = (stack: string): string =>
  stack.replaceAll(/file:\/\/(\/[^\s?):]+)(\?suite=\d+)?/g, (_, file: string) => decodeURI(file));

const suiteOf = (address: string | undefined): string | null =>
  address === undefined ? null : (/\?suite=(\d+)$/.exec(address)?.[1] ?? null);

registerHooks({
  resolve(specifier, context, next) {
    const suite = suiteOf(context.parentURL);
    if (suite === null) return next(specifier, context);
    if (specifier === '@jest/globals') return { url: GLOBALS + suite, format: 'module', shortCircuit: true };
    const found = next(specifier, context);
    return found.url.startsWith(TESTS) && found.url.endsWith('.ts')
      ? { ...found, url: `${found.url}?suite=${suite}` }
      : found;
  },
  load(url, context, next) {
    if (!url.startsWith(GLOBALS)) return next(url, context);
    const suite = JSON.stringify(url.slice(GLOBALS.length));
    const source = `export const { ${NAMES} } = globalThis[Symbol.for('${KEPT.description}')].get(${suite});`;
    return { format: 'module', shortCircuit: true, source };
  },
});
