import { describe, expect, it } from 'vitest'
import { readServeConfig } from '../../src/config.ts'

const production = {
  ISSUER: 'https://id.example.com',
  DATABASE_URL: 'postgresql://countersign@db/countersign',
  KEY_ENCRYPTION_KEY: 'ab'.repeat(32),
}

describe('the places to listen at', () => {
  it.each([
    [{}, false],
    [{ HOST: '10.0.0.5' }, true],
    [{ HOST: '10.0.0.5', METRICS_HOST: '0.0.0.0' }, false],
    [{ HOST: '::', METRICS_HOST: '10.0.0.5' }, false],
  ])('let metrics have the port of the others at another address alone: %j', (hosts, allowed) => {
    const ports = { PORT: '9000', METRICS_PORT: '9000' }
    const refusal = [
      { name: 'METRICS_PORT', given: '9000', complaint: 'another port than PORT=9000' },
    ]
    const env = { ...production, ...ports, ...hosts }
    expect(readServeConfig(env)).toMatchObject(allowed ? { ok: true } : { ok: false, refusal })
    const alsoWrong = readServeConfig({ ...env, LOG_LEVEL: 'loud' })
    const names = alsoWrong.ok ? [] : alsoWrong.refusal.map(({ name }) => name)
    expect(names).toEqual(allowed ? ['LOG_LEVEL'] : ['LOG_LEVEL', 'METRICS_PORT'])
  })
})
