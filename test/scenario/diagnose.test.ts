import { describe, expect, test } from '@jest/globals';
import { expectNoSecret, healthyMachine } from '../helpers/sick-machine.ts';

describe('diagnose', () => {
  test('finds nothing on a healthy install, and says so in a sentence', async () => {
    const sick = await healthyMachine();
    await sick.healthy();
    const { stdout, exitCode } = await sick.machine.capsule(['diagnose']);
    expect(stdout).toMatch(/^All is well: \d+ checks passed/);
    expect(exitCode).toBe(0);
    const verbose = await sick.machine.capsule(['diagnose', '-v']);
    expectNoSecret(sick.machine, verbose.stdout);
    expect(verbose.stdout).toMatch(/^skipped/m);
  });
});
