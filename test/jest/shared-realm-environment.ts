/**
 * The surroundings of a test file: those of the process. A context of `node:vm` for each file is what Jest makes otherwise; there
 * every look at a global goes through a proxy, and each file loads and compiles the product anew, which took half of the time.
 */
import type { EnvironmentContext, JestEnvironment, JestEnvironmentConfig } from '@jest/environment';
import { ModernFakeTimers } from '@jest/fake-timers';
import type { Circus } from '@jest/types';
import { ModuleMocker } from 'jest-mock';
import { plainStack } from './suite-modules.ts';

const TIMEOUT = Symbol.for('TEST_TIMEOUT_SYMBOL');

export default class SharedRealmEnvironment implements JestEnvironment {
  readonly global = globalThis as unknown as JestEnvironment['global'];
  readonly moduleMocker = new ModuleMocker(globalThis);
  readonly fakeTimers = null;
  readonly fakeTimersModern: ModernFakeTimers;
  readonly #given: Record<string, unknown>;
  readonly #before = { exit: process.exit, console: globalThis.console, env: { ...process.env }, cwd: process.cwd() };

  constructor({ projectConfig }: JestEnvironmentConfig, _context: EnvironmentContext) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    this.#given = projectConfig.globals;
  }

  async setup(): Promise<void> {
    Object.assign(globalThis, this.#given);
  }

  /** What the file after this one must not find changed. */
  async teardown(): Promise<void> {
    this.fakeTimersModern.dispose();
    this.moduleMocker.restoreAllMocks();
    process.exit = this.#before.exit;
    globalThis.console = this.#before.console;
    for (const name of Object.keys(process.env)) if (!(name in this.#before.env)) delete process.env[name];
    Object.assign(process.env, this.#before.env);
    process.chdir(this.#before.cwd);
    for (const name of [TIMEOUT, ...Object.keys(this.#given)]) Reflect.deleteProperty(globalThis, name);
  }

  /** Errors are shown when the file is done, so this is in time. */
  handleTestEvent(event: Circus.SyncEvent | Circus.AsyncEvent): void {
    if (event.name === 'test_done') for (const error of event.test.errors.flat()) nameFilesPlainly(error);
    if (event.name === 'hook_failure') nameFilesPlainly(event.error);
  }

  /** None: no code of a test runs in a context of its own. */
  getVmContext(): null {
    return null;
  }

  exportConditions(): string[] {
    return ['node', 'node-addons'];
  }
}

function nameFilesPlainly(error: unknown): void {
  if (error instanceof Error && error.stack !== undefined) error.stack = plainStack(error.stack);
}
