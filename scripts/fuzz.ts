/**
 * `npm run fuzz -- --count 20000 --seed 7`: sends malformed requests to a server of its own and says
 * how they were answered. Fails if one was answered 5xx or not at all, with its bytes in hexadecimal.
 *
 * `npm run fuzz:api`, with the same options: calls the management API of a server of its own, rightly
 * and wrongly. Fails if a call was answered otherwise than the OpenAPI document says.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
  },
})
const env = { ...process.env, FUZZ_COUNT: values.count, FUZZ_SEED: values.seed }
const { status } = spawnSync('vitest', ['run', ...positionals], { env, stdio: 'inherit' })
process.exitCode = status ?? 1
