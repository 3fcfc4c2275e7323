import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They have a suite of their own, since they want the machine for themselves.
    exclude: ['test/faults/**', 'node_modules/**'],
    globalSetup: ['test/support/image.ts'],
    pool: 'forks',
    // Many tests wait: for an end, a timeout, another process. Others can be under way meanwhile.
    maxWorkers: Math.max(2, availableParallelism()),
    // A file leaves nothing behind in the modules it imports, and reading them anew for each file
    // took as long as the tests.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
