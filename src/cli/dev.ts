import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ServerConfig } from '../config.ts'
import { problemText, readDevConfig } from '../config.ts'
import { parseAudience } from '../domain/api.ts'
import type { ServiceAccountId } from '../domain/id.ts'
import { parseId } from '../domain/id.ts'
import type { ClientSecret } from '../domain/secret.ts'
import { listCredentials, removeCredential } from '../management/credentials.ts'
import type { ManagementPorts } from '../management/ports.ts'
import type { Act } from '../storage/tx.ts'
import { openLog } from '../telemetry/log.ts'
import type { Demo } from './demo.ts'
import { demoSecret, seedDemo } from './demo.ts'
import type { DevAccount, DevAnswer } from './dev-answer.ts'
import { bannerText, jsonText } from './dev-answer.ts'
import type { Embedded } from './embedded.ts'
import { devFolder, openDevFolder } from './embedded.ts'
import type { ExitCode, Io } from './io.ts'
import { listenRefusalText } from './listen.ts'
import { schemaRefusalText } from './migrate.ts'
import { operatorActor } from './operator.ts'
import { startServer, untilEnded } from './server.ts'

type Wishes = { readonly json: boolean; readonly newSecret: boolean }

/** `countersign dev`: the whole product in one process, to try it, until it is asked to end. */
export async function dev(args: readonly string[], io: Io): Promise<ExitCode> {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean' }, 'new-secret': { type: 'boolean' } },
  })
  const config = readDevConfig(io.env)
  if (!config.ok) {
    for (const problem of config.refusal) io.stderr.write(`countersign: ${problemText(problem)}\n`)
    return 2
  }
  const opened = await openDevFolder(devFolder)
  if (!opened.ok) {
    const { refusal } = opened
    const text =
      refusal.reason === 'folder_in_use'
        ? `process ${refusal.holder} is using ./${devFolder} already. Stop it first, or start in another folder.`
        : schemaRefusalText(refusal)
    io.stderr.write(`countersign: ${text}\n`)
    return 1
  }
  try {
    const wishes = { json: values.json === true, newSecret: values['new-secret'] === true }
    return await run(opened.value, config.value, wishes, io)
  } finally {
    await opened.value.close()
  }
}

async function run(
  embedded: Embedded,
  config: ServerConfig,
  wishes: Wishes,
  io: Io,
): Promise<ExitCode> {
  const log = openLog(config.logLevel, 2)
  const server = await startServer({ ...embedded, config, log })
  if (!server.ok) {
    io.stderr.write(`countersign: ${listenRefusalText(server.refusal)}\n`)
    return 1
  }
  try {
    const { management, act } = server.value.house
    const options = { issuer: config.issuer, ...wishes }
    const answer = await prepare(management, act(operatorActor()), options)
    io.stdout.write(wishes.json ? jsonText(answer) : bannerText(answer))
    await untilEnded(io.ended)
    return 0
  } finally {
    await server.value.close()
  }
}

/** Makes the demo the first time; later on its secrets are made anew only when asked for. */
async function prepare(
  ports: ManagementPorts,
  act: Act,
  { issuer, newSecret }: Pick<Wishes, 'newSecret'> & { readonly issuer: string },
): Promise<DevAnswer> {
  const file = join(devFolder, 'demo.json')
  const known = await readDemo(file)
  const demo = known ?? (await seedDemo(ports, act))
  if (known === undefined) await writeFile(file, JSON.stringify(demo), { mode: 0o600 })

  const withSecrets = known === undefined || newSecret
  const account = async (one: Demo['ci'], access: string): Promise<DevAccount> => {
    const secret = withSecrets ? await replaceSecret(ports, act, demo, one.id) : undefined
    return { ...one, access, secret }
  }
  return {
    issuer,
    audience: demo.audience,
    isFirstStart: known === undefined,
    main: await account(demo.terraform, 'roles of its own'),
    second: await account(demo.ci, 'roles through the group platform'),
  }
}

const secretName = 'demo'

/** The former demo secret ends: otherwise every start could leave one more behind. */
async function replaceSecret(
  ports: ManagementPorts,
  act: Act,
  { organization }: Demo,
  account: ServiceAccountId,
): Promise<ClientSecret> {
  const known = await listCredentials(ports, { organization, principal: account })
  if (!known.ok) {
    throw new Error(`a demo account is gone: remove ./${devFolder} to start anew`)
  }
  for (const { id, name } of known.value) {
    if (String(name) === secretName) {
      await removeCredential(ports, act, { organization, credential: id })
    }
  }
  return demoSecret(ports, act, { organization, account, name: secretName })
}

async function readDemo(file: string): Promise<Demo | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const kept: unknown = JSON.parse(text)
  const part = (...names: readonly string[]): string => {
    let value = kept
    for (const name of names) {
      value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
    }
    return String(value)
  }
  const organization = parseId('organization', part('organization'))
  const audience = parseAudience(part('audience'))
  const terraform = parseId('service_account', part('terraform', 'id'))
  const ci = parseId('service_account', part('ci', 'id'))
  if (!organization || !audience || !terraform || !ci) {
    throw new Error(`${file} cannot be read: remove ./${devFolder} to start anew`)
  }
  return {
    organization,
    audience,
    terraform: { id: terraform, name: part('terraform', 'name') },
    ci: { id: ci, name: part('ci', 'name') },
  }
}
