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
  ],
};
