import { defineConfig } from 'vitest/config'

/** The tests of the pure floors alone: they need no database, and so none is made for them. */
export default defineConfig({
  test: { include: ['test/{domain,protocol}/**/*.test.ts'] },
})
