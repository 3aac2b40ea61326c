import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const project = (displayName, testMatch, more = {}) => ({
  displayName,
  testMatch,
  testEnvironment: 'node',
  // Node strips the types itself; a transformer would only add a second opinion about the language.
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  setupFiles: ['<rootDir>/test/helpers/no-outside-network.ts'],
  ...more,
});

/** Every test that opens a portal's store by the helpers: it has to hold on either database. */
function storeTests() {
  const folder = path.join(import.meta.dirname, 'test', 'portal');
  const tests = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.test.ts'));
  const opens = /helpers\/(portal|portal-store|portal-caller)\.ts'/;
  return tests.map((name) => path.join(folder, name)).filter((file) => opens.test(readFileSync(file, 'utf8')));
}

/** The same suite a second time, where there is a PostgreSQL. */
function onPostgres() {
  const home = '/usr/lib/postgresql';
  // As test/helpers/postgres-server.ts looks for it.
  const there =
    existsSync(home) && readdirSync(home).some((version) => existsSync(path.join(home, version, 'bin/initdb')));
  if (!there && process.argv.includes('postgres')) {
    process.stderr.write(
      'SKIPPED: PostgreSQL is not installed, so the store is tested on SQLite alone. To change that: apt-get install postgresql\n',
    );
  }
  return project('postgres', there ? storeTests() : ['<rootDir>/test/none'], {
    globals: { storeEngine: 'postgres' },
    setupFilesAfterEnv: ['<rootDir>/test/helpers/patience.ts'],
    ...(there && {
      globalSetup: '<rootDir>/test/helpers/postgres-suite.ts',
      globalTeardown: '<rootDir>/test/helpers/postgres-suite-end.ts',
    }),
  });
}

export default {
  // Two cores are what the smallest machine has; leaving one idle would double the time.
  maxWorkers: '100%',
  projects: [
    project('unit', [
      '<rootDir>/test/!(scenario|bench|helpers|fixtures|installer-assets)/**/*.test.ts',
      '<rootDir>/test/*.test.ts',
    ]),
    // Real programs: the product's own, and every shell that a dispatcher may meet.
    project('scenario', ['<rootDir>/test/@(scenario|installer-assets)/**/*.test.ts'], {
      setupFilesAfterEnv: ['<rootDir>/test/helpers/patience.ts'],
    }),
    onPostgres(),
  ],
};
