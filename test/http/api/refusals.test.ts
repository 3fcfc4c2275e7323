import { beforeAll, describe, expect, it } from 'vitest'
import type { Reason } from '../../../src/http/api/problems/problem-table.ts'
import { problemFaces } from '../../../src/http/api/problems/problem-table.ts'
import { apiRoutes } from '../../../src/http/api/routes.ts'
import { useApi } from '../../support/api.ts'
import { authorityRefusals } from './refusals/authority.ts'
import { edgeRefusals } from './refusals/edge.ts'
import { limitRefusals } from './refusals/limits.ts'
import { nounRefusals } from './refusals/nouns.ts'
import { peopleRefusals } from './refusals/people.ts'
import type { Refused, Scene } from './refusals/scene.ts'
import { openScene } from './refusals/scene.ts'

/** What stands in the table for the terminal, or is told in another way over HTTP. */
const notOverHttp = {
  permission_not_in_role: 'the command line takes single permissions, the API all of them at once',
  signing_key_not_opened: 'sealing the keys anew is a command beside the database',
  request_replayed: 'it is answered with what the earlier call made',
  invitation_roles_too_many: 'the body has no more than that, or is malformed',
  invitation_groups_too_many: 'the body has no more than that, or is malformed',
} as const satisfies Partial<Record<Reason, string>>

/** Every reason that a caller can be told, and a call that is. */
const refusals: Readonly<Record<Exclude<Reason, keyof typeof notOverHttp>, Refused>> = {
  ...edgeRefusals,
  ...nounRefusals,
  ...authorityRefusals,
  ...peopleRefusals,
  ...limitRefusals,
}

const api = useApi()
let scene: Scene
beforeAll(async () => {
  scene = await openScene(api())
})

describe('a refusal over HTTP', () => {
  it('is shown for every reason of the table, and for those that no call is refused for, why', () => {
    const shown = [...Object.keys(refusals), ...Object.keys(notOverHttp)]
    expect(shown.toSorted()).toEqual(Object.keys(problemFaces).toSorted())
    const promised = new Set<string>(apiRoutes.flatMap((route) => route.refusals))
    expect(Object.keys(notOverHttp).filter((reason) => promised.has(reason))).toEqual([])
  })

  it.each(Object.entries(refusals))('says %s', async (reason, refused) => {
    const [status, title] = problemFaces[reason as Reason]
    const { body, ...answer } = await refused(scene)
    expect(body).toMatchObject({ code: reason, title, detail: expect.stringMatching(/\S{2}/) })
    const isNamedInBodies = apiRoutes.some(({ inBody }) => inBody.includes(reason as Reason))
    expect(isNamedInBodies ? [status, 422] : [status]).toContain(answer.status)
    expect(body.status).toBe(answer.status)
    expect(body.type).toBe(`${api().issuer}/api/v1/docs#problem-${reason}`)
    expect(body.trace_id).toMatch(/^[0-9a-f]{32}$/)
    expect(answer.headers.get('trace-id')).toBe(body.trace_id)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })
})
