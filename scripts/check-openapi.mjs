/**
 * Lints the OpenAPI document of the management API, as the program prints it, without a server and
 * without asking anybody else: no telemetry, no look for newer versions.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'countersign-openapi-'))
const document = join(folder, 'openapi.json')
const quiet = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
try {
  const printed = execFileSync(process.execPath, ['scripts/openapi.ts'], { maxBuffer: 64 << 20 })
  writeFileSync(document, printed)
  execFileSync('redocly', ['lint', document, '--config', 'redocly.yaml', '--format', 'stylish'], {
    stdio: 'inherit',
    env: { ...process.env, ...quiet },
  })
} catch {
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
