import { env } from 'node:process';
import { defineConfig } from 'vitest/config';

// CI reads the figures of the run from a JSON report, in the file this variable names.
const report = env['GOALD_TEST_REPORT'];

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['{unit,integration,e2e,arch}/**/*.test.ts'],
    globalSetup: ['helpers/daemon/bundle-entry.ts'],
    // With GOALD_RECORD_WIRE set, what daemons say is written down for test:conformance.
    setupFiles:
      env['GOALD_RECORD_WIRE'] === undefined ? [] : ['conformance/support/record-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    allowOnly: false,
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
  },
});
