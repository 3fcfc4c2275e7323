/** How long after the command the first token is there, on a database that is migrated. */
import type { BenchClient, BenchDatabase } from '../database.ts'
import { countersignTokenPath, startCountersign } from '../contestants.ts'
import { createBenchDatabase } from '../database.ts'
import { spreadOf } from '../measure.ts'
import { grantOnly } from '../request.ts'
import type { Scene, Stage } from '../stage.ts'
import { undoing } from '../undoing.ts'

const startsMany = 9
const startsQuick = 3

export const start: Scene = {
  name: 'start',
  play: async (stage) => {
    const starts = stage.pace.quick ? startsQuick : startsMany
    const database = await createBenchDatabase(stage)
    // The first one makes the signing keys, and the system reads the program from the disk.
    await untilToken(stage, database)
    const taken: number[] = []
    for (let time = 0; time < starts; time += 1) taken.push(await untilToken(stage, database))
    return {
      name: 'start',
      title: 'From the command to the first token',
      how: `${starts} starts`,
      lines: [],
      reaches: [{ what: 'milliseconds', measured: spreadOf(taken), digits: 0, atMost: 500 }],
      waited: [],
    }
  },
}

async function untilToken(
  { program, tell }: Pick<Stage, 'program' | 'tell'>,
  database: BenchDatabase,
): Promise<number> {
  const [client] = database.clients
  const { after, undo } = undoing(tell)
  const startedAt = performance.now()
  const isUp = async (port: number) => givesToken(port, client)
  await startCountersign({ program, after }, database, { isUp })
  const taken = performance.now() - startedAt
  await undo()
  return taken
}

async function givesToken(port: number, { id, secret }: BenchClient): Promise<boolean> {
  const credentials = Buffer.from(`${id}:${secret}`).toString('base64')
  const response = await fetch(`http://127.0.0.1:${port}${countersignTokenPath}`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${credentials}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: grantOnly,
  }).catch(() => undefined)
  return response?.ok === true
}
