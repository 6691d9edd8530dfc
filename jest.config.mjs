/** Run by `npm test` on Node 24 with --experimental-vm-modules: the sources are ES modules with .ts imports. */
const project = (name, extra = {}) => ({
  displayName: name,
  testMatch: [`<rootDir>/__tests__/${name}/**/*.test.ts`],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  ...extra,
});

export default {
  projects: ['unit', 'rules', 'contract', 'e2e'].map((name) => project(name)),
  testTimeout: 300_000,
  reporters: ['default', '<rootDir>/scripts/closing-line.mjs'],
};
