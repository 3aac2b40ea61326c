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

export default {
  projects: [
    project('unit', ['<rootDir>/test/!(scenario|bench|helpers|fixtures)/**/*.test.ts', '<rootDir>/test/*.test.ts']),
    project('scenario', ['<rootDir>/test/scenario/**/*.test.ts'], {
      setupFilesAfterEnv: ['<rootDir>/test/helpers/patience.ts'],
    }),
  ],
};
