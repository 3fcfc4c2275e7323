import { defineConfig } from 'vitest/config'

/**
 * Faults of the database, of the way to it and of our processes, on PostgreSQL servers of their own.
 * One file after the other: each measures how long things take.
 */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    globalSetup: ['test/faults/run.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 40_000,
    hookTimeout: 40_000,
  },
})
