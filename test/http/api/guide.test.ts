import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newOrganization } from '../../management/desk.ts'
import { curl, run } from '../../clients/programs.ts'
import { useApi } from '../../support/api.ts'

const guide = await readFile(join(import.meta.dirname, '../../../docs/api.md'), 'utf8')
const script = [...guide.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, code = '']) => code)

const api = useApi()

describe.skipIf(!existsSync(curl) || !existsSync('/usr/bin/jq'))('docs/api.md', () => {
  it('is a script that does what it says', async () => {
    const { id: organization } = await newOrganization(api().desk())
    const { id, secret } = await api().account(organization, ['Owner'])
    const outcome = await run(['/bin/sh', '-eus'], {
      input: script.join('\n'),
      env: {
        ISSUER: api().issuer,
        ORGANIZATION: organization,
        CLIENT_ID: id,
        CLIENT_SECRET: secret,
        PATH: '/usr/bin:/bin',
      },
    })
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(script).toHaveLength(6)
    const { body } = await (
      await api().account(organization, ['Owner'])
    ).call('GET', `/organizations/${organization}/service-accounts?name=Deployments`)
    expect(body.items).toEqual([])
  })
})
