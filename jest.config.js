import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const NO_OUTSIDE_NETWORK = '<rootDir>/test/helpers/no-outside-network.ts';

const project = (displayName, testMatch, more = {}) => ({
  displayName,
  testMatch,
  testEnvironment: 'node',
  // Node strips the types itself; a transformer would only add a second opinion about the language.
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  setupFiles: [NO_OUTSIDE_NETWORK],
  ...more,
});

/** The product is loaded once for each of Jest's processes, not once for each test file (`test/README.md`). */
const SHARED_REALM = {
  testEnvironment: '<rootDir>/test/jest/shared-realm-environment.ts',
  runtime: '<rootDir>/test/jest/shared-realm-runtime.ts',
  setupFiles: [NO_OUTSIDE_NETWORK, '<rootDir>/test/helpers/no-disk-syncs.ts'],
};

/** The portal's tests that say a word, which may be the name of a helper. */
function portalTests(word) {
  const folder = path.join(import.meta.dirname, 'test', 'portal');
  const tests = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.test.ts'));
  return tests.map((name) => path.join(folder, name)).filter((file) => word.test(readFileSync(file, 'utf8')));
}

/** Those that open a store by the helpers: it has to hold on either database. */
const ON_EITHER = /helpers\/(portal|portal-store|portal-caller)\.ts'/;
/** Those that are about PostgreSQL itself. */
const ON_POSTGRES = /helpers\/postgres\.ts'/;

/** What is about PostgreSQL, and the suites of either database a second time, where there is one. */
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
  return project(
    'postgres',
    there ? [...portalTests(ON_EITHER), ...portalTests(ON_POSTGRES)] : ['<rootDir>/test/none'],
    {
      ...SHARED_REALM,
      globals: { storeEngine: 'postgres' },
      setupFilesAfterEnv: ['<rootDir>/test/helpers/patience.ts'],
      ...(there && {
        globalSetup: '<rootDir>/test/helpers/postgres-suite.ts',
        globalTeardown: '<rootDir>/test/helpers/postgres-suite-end.ts',
      }),
    },
  );
}

export default {
  // Two cores are what the smallest machine has; leaving one idle would double the time.
  maxWorkers: '100%',
  // A process that has used much memory takes a while to end on a busy machine; what leaks holds it for ever.
  workerGracefulExitTimeout: 5_000,
  projects: [
    project(
      'unit',
      ['<rootDir>/test/!(scenario|bench|helpers|fixtures|installer-assets)/**/*.test.ts', '<rootDir>/test/*.test.ts'],
      {
        ...SHARED_REALM,
        testPathIgnorePatterns: portalTests(ON_POSTGRES).map(RegExp.escape),
      },
    ),
    // Real programs: the product's own, and every shell that a dispatcher may meet.
    project('scenario', ['<rootDir>/test/@(scenario|installer-assets)/**/*.test.ts'], {
      setupFilesAfterEnv: ['<rootDir>/test/helpers/patience.ts'],
    }),
    onPostgres(),
  ],
};
