import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'app', include: ['app/tests/**/*.test.ts'], testTimeout: 20_000 } },
      {
        // A real browser or window, a real host, a real sidecar: one at a time, and with patience.
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts', 'tests/electron/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          retry: 1, // a busy machine can starve a browser; npm test names what needed it
          globalSetup: ['tests/browser/build.ts'],
        },
      },
    ],
  },
});
