import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { run } from '../../src/cli/commands.ts'
import { onPostgres } from '../support/database.ts'
import { databaseUrl } from '../support/image.ts'
import { freePort } from '../support/processes.ts'
import { heard, wordsOf } from './terminal.ts'

const password = 'hunter2'
const commands = ['account list', 'migrate', 'serve']

describe('a database that cannot be reached', () => {
  it.each(commands)('is told of with the reason by %s', async (line) => {
    const port = await freePort()
    expect(await say(`127.0.0.1:${port}/db`, line)).toEqual({
      code: 3,
      stdout: '',
      stderr: `countersign: the database does not answer: nothing listens at 127.0.0.1:${port}\n`,
    })
  })

  it('is named by all addresses that its host name stands for', async () => {
    const port = await freePort()
    const { code, stderr } = await say(`localhost:${port}/db`, 'migrate')
    expect(code).toBe(3)
    expect(stderr).toContain(`127.0.0.1:${port}`)
  })

  it('is told from a host that does not exist', async () => {
    const { code, stderr } = await say('nowhere.invalid/db', 'migrate')
    expect([code, stderr]).toEqual([
      3,
      'countersign: the database does not answer: there is no address for the host nowhere.invalid\n',
    ])
  })

  it('is told from one that is silent', async () => {
    const port = await server(() => undefined)
    const { code, stderr } = await say(`127.0.0.1:${port}/db`, 'migrate')
    expect([code, stderr]).toEqual([
      3,
      'countersign: the database does not answer: no answer in time\n',
    ])
  })
})

describe('a database that refuses the connection', () => {
  it.each(commands)('is told of as a wrong setting by %s', async (line) => {
    const port = await refusing('28P01', 'password authentication failed for user "me"')
    const said = await say(`127.0.0.1:${port}/db`, line)
    expect(said).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'countersign: DATABASE_URL is not accepted: password authentication failed for user "me"\n',
    })
  })

  it.each([
    ['28000', 2, 'role "me" does not exist'],
    ['3D000', 2, 'database "db" does not exist'],
    ['53300', 3, 'sorry, too many clients already'],
    ['57P03', 3, 'the database system is starting up'],
  ])('with %s ends with %i', async (sqlState, expected, message) => {
    const port = await refusing(sqlState, message)
    const { code, stderr } = await say(`127.0.0.1:${port}/db`, 'migrate')
    expect(code).toBe(expected)
    expect(stderr).toContain(message)
  })

  it.runIf(onPostgres)('is told of in the words of PostgreSQL', async () => {
    const DATABASE_URL = databaseUrl(process.env['TEST_DATABASE_URL'] ?? '', 'not_there')
    const { io, said } = heard({ DATABASE_URL })
    expect(said(await run(['migrate'], io))).toMatchObject({
      code: 2,
      stderr: 'countersign: DATABASE_URL is not accepted: database "not_there" does not exist\n',
    })
  })
})

describe('DATABASE_URL', () => {
  it('is not shown when it cannot be read', async () => {
    const { code, stderr } = await say('127.0.0.1:port/db', 'account list')
    expect([code, stderr]).toEqual([2, 'countersign: DATABASE_URL is not a URL\n'])
  })
})

/** Runs a command on the database at a place; the password must not come out again. */
async function say(place: string, line: string) {
  const { io, said } = heard({
    DATABASE_URL: `postgresql://me:${password}@${place}`,
    ISSUER: 'https://id.example.com',
    KEY_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
  })
  const heardOf = said(await run(wordsOf(line), io))
  expect(heardOf.stdout + heardOf.stderr).not.toContain(password)
  return heardOf
}

/** A server that answers every connection with an error of PostgreSQL. */
async function refusing(sqlState: string, message: string): Promise<number> {
  const fields = `SFATAL\0VFATAL\0C${sqlState}\0M${message}\0\0`
  const length = Buffer.alloc(4)
  length.writeInt32BE(4 + Buffer.byteLength(fields))
  const answer = Buffer.concat([Buffer.from('E'), length, Buffer.from(fields)])
  return server((socket) => socket.once('data', () => socket.end(answer)))
}

async function server(answer: (socket: Socket) => unknown): Promise<number> {
  const sockets = new Set<Socket>()
  const listening = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    answer(socket)
  })
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    listening.close()
  })
  return (listening.address() as AddressInfo).port
}
