/**
 * What Jest's runner and its framework (circus) ask of a runtime, answered by Node's own loader. There is no mocking of modules:
 * what a test wants otherwise comes in as an argument.
 */
import { createRequire } from 'node:module';
import type { JestEnvironment } from '@jest/environment';
import { addressIn, forgetGlobals, setGlobals } from './suite-modules.ts';

const require = createRequire(import.meta.url);
const HANDLERS = Symbol.for('EVENT_HANDLERS');
const TIMEOUT = Symbol.for('TEST_TIMEOUT_SYMBOL');
let suites = 0;

export default class SharedRealmRuntime {
  readonly #suite = String(++suites);
  readonly #once: ReadonlySet<string>;
  readonly #environment: JestEnvironment;

  constructor({ setupFiles }: { setupFiles: string[] }, environment: JestEnvironment) {
    this.#once = new Set(setupFiles);
    this.#environment = environment;
  }

  /** Everything is loaded as Node would. */
  unstable_shouldLoadAsEsm(): boolean {
    return true;
  }

  /** `setupFiles` once in a process; the test and its `setupFilesAfterEnv` for each test file. */
  async unstable_importModule(file: string): Promise<unknown> {
    return import(this.#once.has(file) ? file : addressIn(this.#suite, file));
  }

  /** The framework, fresh: what it knows of a test file is kept in the module and in its list of handlers. */
  requireInternalModule(file: string): unknown {
    Reflect.deleteProperty(globalThis, HANDLERS);
    Reflect.deleteProperty(require.cache, file);
    return require(file);
  }

  /** For what Jest's configuration names (resolvers and serialisers of snapshots). */
  requireModule(file: string): unknown {
    return require(file);
  }

  setGlobalsForRuntime(globals: Record<string, unknown>): void {
    setGlobals(this.#suite, { ...globals, jest: this.#jest() });
  }

  #jest(): Record<string, unknown> {
    const { fakeTimersModern: timers, moduleMocker: mocker } = this.#environment;
    if (timers === null || mocker === null) throw new Error('this environment has neither timers nor mocks');
    const jest = {
      fn: mocker.fn.bind(mocker),
      spyOn: mocker.spyOn.bind(mocker),
      useRealTimers: timers.useRealTimers.bind(timers),
      advanceTimersByTime: timers.advanceTimersByTime.bind(timers),
      advanceTimersByTimeAsync: timers.advanceTimersByTimeAsync.bind(timers),
      runAllTimers: timers.runAllTimers.bind(timers),
      useFakeTimers: (...options: Parameters<typeof timers.useFakeTimers>) => {
        timers.useFakeTimers(...options);
        return jest;
      },
      setTimeout: (ms: number) => {
        Object.assign(globalThis, { [TIMEOUT]: ms });
        return jest;
      },
    };
    return jest;
  }

  teardown(): void {
    forgetGlobals(this.#suite);
  }

  restoreAllMocks(): void {
    this.#environment.moduleMocker?.restoreAllMocks();
  }

  clearAllMocks(): void {
    this.#environment.moduleMocker?.clearAllMocks();
  }

  resetAllMocks(): void {
    this.#environment.moduleMocker?.resetAllMocks();
  }

  getSourceMaps(): Map<string, string> {
    return new Map();
  }

  /** None by Jest's own means: `NODE_V8_COVERAGE` counts what Node loads. */
  getAllCoverageInfoCopy(): undefined {}

  // Which code may load modules is of no interest here: nothing is torn down under it.
  enterTestCode(): void {}
  leaveTestCode(): void {}
  resetModules(): void {}
}
