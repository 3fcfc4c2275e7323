import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestHouse } from '../support/house.ts'
import type { Caller } from './call.ts'
import { call, json } from './call.ts'
import type { Stage } from './stage.ts'
import { stageOf } from './stage.ts'
import { addMember, worldOf } from './world.ts'

let stage: Stage
let owner: Caller
beforeAll(async () => {
  const world = await worldOf(await openTestHouse())
  stage = await stageOf(world)
  owner = (await addMember(world, stage.organization, 'owner')).session
})
afterAll(async () => stage.world.close())

describe('two who change the same thing', () => {
  it('do not overwrite each other: the second one has to look again [167]', async () => {
    const path = `/organizations/${stage.organization}/service-accounts/${stage.ids['service_account_id']}`
    const read = await call(stage.world, owner, { method: 'GET', path })
    const etag = read.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"\d+"$/)
    const writing = async (description: string) =>
      call(stage.world, owner, {
        method: 'PATCH',
        path,
        headers: { 'if-match': etag },
        body: { description },
      })
    const answers = await Promise.all(['one', 'two', 'three'].map(writing))
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '412', '412'])
    const after = await call(stage.world, owner, { method: 'GET', path })
    const done = answers.find(({ status }) => status === 200)
    expect(json(after)).toEqual(done && json(done))
    expect(after.headers.get('etag')).toBe(done?.headers.get('etag'))
  })
})
