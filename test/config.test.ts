import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Environment } from '../src/config/reading.ts'
import {
  namesDatabase,
  problemText,
  readDevConfig,
  readOperatorConfig,
  readServeConfig,
  readVerifyConfig,
  settingsTable,
} from '../src/config.ts'
import { parseKeyEncryptionKey } from '../src/crypto/key-encryption-key.ts'

const production = {
  ISSUER: 'https://id.example.com',
  DATABASE_URL: 'postgresql://countersign:hunter2@db/countersign',
  KEY_ENCRYPTION_KEY: 'c2VhbC1zZWFsLXNlYWwtc2VhbC1zZWFsLXNlYWwtMTI=',
}

describe('the settings of serve', () => {
  it('are complete with an issuer, a database and a key-encryption key', () => {
    expect(readServeConfig(production)).toEqual({
      ok: true,
      value: {
        issuer: 'https://id.example.com',
        host: '127.0.0.1',
        port: 8080,
        trustedProxies: [],
        failuresPerClientMax: 10,
        failuresPerNetworkMax: 200,
        databaseUrl: production.DATABASE_URL,
        databaseConnections: 5,
        keyEncryptionKey: { text: production.KEY_ENCRYPTION_KEY },
        previousKeyEncryptionKey: undefined,
        maxStaleSeconds: 300,
        jwksMaxAgeSeconds: 300,
        keyRotationIntervalSeconds: 30 * 24 * 60 * 60,
        keyRotationMarginSeconds: 60,
        clientsMax: 100_000,
        metrics: undefined,
        logLevel: 'info',
        drainDelayMilliseconds: 5000,
        drainDeadlineMilliseconds: 10_000,
      },
    })
  })

  it('have metrics only where a port is set for them, on loopback unless told otherwise', () => {
    expect(metricsOf({ METRICS_HOST: '10.0.0.5' })).toBeUndefined()
    expect(metricsOf({ METRICS_PORT: '9464' })).toEqual({ host: '127.0.0.1', port: 9464 })
    expect(metricsOf({ METRICS_PORT: '9464', METRICS_HOST: '10.0.0.5' })).toEqual({
      host: '10.0.0.5',
      port: 9464,
    })
  })

  it('are told whole when all of them are wrong, and no secret is repeated', () => {
    const env = {
      ISSUER: 'id.example.com',
      DATABASE_URL: 'mysql://countersign:hunter2@db/countersign',
      DATABASE_CONNECTIONS: '0',
      KEY_ENCRYPTION_KEY: 'one',
      KEY_ENCRYPTION_KEY_FILE: '/run/secrets/two',
      HOST: 'two words',
      PORT: '8080x',
      MAX_STALE: '5 minutes',
      JWKS_MAX_AGE: '0s',
      KEY_ROTATION_INTERVAL: '1000d',
      KEY_ROTATION_MARGIN: '0',
      CLIENTS_MAX: '-1',
      LOG_LEVEL: 'loud',
      DRAIN_DEADLINE: '11m',
    }
    expect(serveProblems(env)).toMatchInlineSnapshot(`
      [
        "ISSUER=id.example.com must be an https URL without query, fragment or trailing slash (plain http only on loopback)",
        "HOST=two words must be a host name or an IP address",
        "PORT=8080x must be a whole number from 1 to 65535",
        "DATABASE_URL=(not shown) must be a URL like postgresql://user:password@host:5432/database",
        "DATABASE_CONNECTIONS=0 must be a whole number from 1 to 100",
        "KEY_ROTATION_INTERVAL=1000d must be a duration from 1s to 365d in whole seconds, such as 30s, 5m or 1h",
        "KEY_ROTATION_MARGIN=0 must be a duration from 1s to 24h in whole seconds, such as 30s, 5m or 1h",
        "MAX_STALE=5 minutes must be a duration from 0s to 24h in whole seconds, such as 30s, 5m or 1h",
        "JWKS_MAX_AGE=0s must be a duration from 1s to 24h in whole seconds, such as 30s, 5m or 1h",
        "CLIENTS_MAX=-1 must be a whole number from 1 to 10000000",
        "LOG_LEVEL=loud must be one of fatal, error, warn, info, debug, trace, silent",
        "DRAIN_DEADLINE=11m must be a duration from 0s to 10m, such as 500ms, 30s or 5m",
        "KEY_ENCRYPTION_KEY=(not shown) must be left out where KEY_ENCRYPTION_KEY_FILE is set",
      ]
    `)
  })

  it('name everything that is required when nothing is set', () => {
    expect(serveProblems({ ISSUER: '', DATABASE_URL: ' ' })).toMatchInlineSnapshot(`
      [
        "ISSUER is not set; it must be an https URL without query, fragment or trailing slash (plain http only on loopback)",
        "DATABASE_URL is not set; it must be a URL like postgresql://user:password@host:5432/database",
        "KEY_ENCRYPTION_KEY is not set; it must be 32 random bytes in base64 or hexadecimal, or in the file that KEY_ENCRYPTION_KEY_FILE names",
      ]
    `)
  })

  it('take the key-encryption key from a file, but not from two places', () => {
    const { KEY_ENCRYPTION_KEY: _, ...without } = production
    const fromFile = readServeConfig({ ...without, KEY_ENCRYPTION_KEY_FILE: '/run/secrets/key' })
    expect(fromFile).toMatchObject({ value: { keyEncryptionKey: { file: '/run/secrets/key' } } })
    expect(serveProblems({ ...production, KEY_ENCRYPTION_KEY_FILE: '/run/secrets/key' })).toEqual([
      'KEY_ENCRYPTION_KEY=(not shown) must be left out where KEY_ENCRYPTION_KEY_FILE is set',
    ])
  })

  it('take the key-encryption key before this one in the same two ways', () => {
    const text = 'ab'.repeat(32)
    expect(previous({ KEY_ENCRYPTION_KEY_PREVIOUS: text })).toEqual({ text })
    expect(previous({ KEY_ENCRYPTION_KEY_PREVIOUS_FILE: '/run/secrets/old' })).toEqual({
      file: '/run/secrets/old',
    })
    expect(previous({ KEY_ENCRYPTION_KEY_PREVIOUS: 'hunter2' })).toEqual([
      'KEY_ENCRYPTION_KEY_PREVIOUS=(not shown) must be 32 random bytes in base64 or hexadecimal',
    ])
    expect(
      previous({
        KEY_ENCRYPTION_KEY_PREVIOUS: text,
        KEY_ENCRYPTION_KEY_PREVIOUS_FILE: '/run/secrets/old',
      }),
    ).toEqual([
      'KEY_ENCRYPTION_KEY_PREVIOUS=(not shown) must be left out where KEY_ENCRYPTION_KEY_PREVIOUS_FILE is set',
    ])
  })
})

function previous(given: Environment): unknown {
  const env = { ...production, ...given }
  const read = readServeConfig(env)
  return read.ok ? read.value.previousKeyEncryptionKey : serveProblems(env)
}

describe('KEY_ENCRYPTION_KEY', () => {
  const character = fc.constantFrom('a', 'F', '0', '+', '/', '_', '-', '=', 'x', ' ', '.')
  const text = fc
    .tuple(fc.constantFrom(0, 42, 43, 44, 63, 64, 65), fc.array(character, { maxLength: 2 }))
    .map(([length, rest]) => 'a'.repeat(length) + rest.join(''))
    .filter((written) => written.trim() !== '')

  it('is taken in just the forms in which a key is read later', () => {
    fc.assert(
      fc.property(text, (written) => {
        const read = readServeConfig({ ...production, KEY_ENCRYPTION_KEY: written })
        expect(read.ok).toBe(parseKeyEncryptionKey(written).ok)
      }),
      { numRuns: 1000 },
    )
  })

  it('is told of together with the other settings when its form is wrong, and not repeated', () => {
    expect(serveProblems({ ...production, PORT: '0', KEY_ENCRYPTION_KEY: 'hunter2' })).toEqual([
      'PORT=0 must be a whole number from 1 to 65535',
      'KEY_ENCRYPTION_KEY=(not shown) must be 32 random bytes in base64 or hexadecimal',
    ])
  })
})

describe('the settings of dev', () => {
  it('need nothing, and call the server by the address it listens on', () => {
    expect(devIssuer({})).toBe('http://127.0.0.1:8080')
    expect(devIssuer({ PORT: '9000', HOST: '0.0.0.0' })).toBe('http://127.0.0.1:9000')
    expect(devIssuer({ PORT: '9000', HOST: '::1' })).toBe('http://[::1]:9000')
    expect(devIssuer({ PORT: '9000', HOST: 'localhost' })).toBe('http://localhost:9000')
    expect(devIssuer({ PORT: '80' })).toBe('http://127.0.0.1')
  })

  it('need an issuer where the server listens for others only', () => {
    expect(devIssuer({ HOST: '192.0.2.7' })).toBeUndefined()
    expect(devIssuer({ HOST: '192.0.2.7', ISSUER: 'https://id.example.com' })).toBe(
      'https://id.example.com',
    )
  })
})

describe('the settings of a command beside the server', () => {
  it('are a database, and an issuer if there is one', () => {
    const { DATABASE_URL } = production
    expect(readOperatorConfig({ DATABASE_URL })).toEqual({
      ok: true,
      value: { databaseUrl: DATABASE_URL, databaseConnections: 5, issuer: undefined },
    })
    expect(readOperatorConfig({})).toMatchObject({ refusal: [{ name: 'DATABASE_URL' }] })
  })
})

describe('the settings of verify', () => {
  it('are an issuer, if there is one', () => {
    const ISSUER = 'https://id.example.com'
    expect(readVerifyConfig({ ISSUER })).toEqual({ ok: true, value: { issuer: ISSUER } })
    expect(readVerifyConfig({ ISSUER: ' ' })).toEqual({ ok: true, value: { issuer: undefined } })
    expect(readVerifyConfig({ ISSUER: 'id.example.com' })).toMatchObject({
      refusal: [{ name: 'ISSUER' }],
    })
  })
})

describe('a blank DATABASE_URL', () => {
  it('names no database', () => {
    expect(namesDatabase(production)).toBe(true)
    for (const env of [{}, { DATABASE_URL: '' }, { DATABASE_URL: ' ' }])
      expect(namesDatabase(env)).toBe(false)
  })
})

describe('a duration', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['2000ms', 2],
    ['90s', 90],
    ['5m', 300],
    ['24h', 86_400],
  ])('%s is %i seconds', (text, seconds) => {
    expect(readDevConfig({ MAX_STALE: text })).toMatchObject({
      value: { maxStaleSeconds: seconds },
    })
  })

  it.each(['5', '1w', '-1s', '1.5s', '5M', ' 5m', '500ms', '24h1s', '25h', '99999999999s'])(
    '%s is not accepted for MAX_STALE',
    (text) => {
      expect(readDevConfig({ MAX_STALE: text })).toMatchObject({ refusal: [{ name: 'MAX_STALE' }] })
    },
  )

  it('may be shorter than a second where that means something', () => {
    expect(readDevConfig({ DRAIN_DEADLINE: '500ms' })).toMatchObject({
      value: { drainDeadlineMilliseconds: 500 },
    })
  })
})

describe('README.md', () => {
  it('has the table of settings as the program knows them', async () => {
    const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8')
    expect(readme).toContain(`\n${settingsTable()}\n`)
  })
})

function serveProblems(env: Environment): readonly string[] {
  const read = readServeConfig(env)
  return read.ok ? [] : read.refusal.map(problemText)
}

function devIssuer(env: Environment): string | undefined {
  const read = readDevConfig(env)
  return read.ok ? read.value.issuer : undefined
}

function metricsOf(env: Record<string, string>) {
  const config = readServeConfig({ ...production, ...env })
  return config.ok ? config.value.metrics : config.refusal
}
