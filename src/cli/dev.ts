import { join } from 'node:path'
import type { ServerConfig } from '../config.ts'
import { readDevConfig } from '../config.ts'
import type { ServiceAccountId } from '../domain/id.ts'
import type { KeyRules } from '../domain/key-rotation.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { ClientSecret } from '../domain/secret.ts'
import { milliseconds } from '../domain/time.ts'
import { listCredentials, removeCredential } from '../management/credentials.ts'
import type { ManagementPorts } from '../management/ports.ts'
import { createSetupLink } from '../management/setup.ts'
import type { Act } from '../storage/tx.ts'
import { openLog } from '../telemetry/log.ts'
import type { DemoRefusal } from './demo-file.ts'
import { demoUnusable, readDemo, writeDemo } from './demo-file.ts'
import type { Demo } from './demo.ts'
import { demoName, demoSecret, seedDemo } from './demo.ts'
import type { DevAnswer } from './dev-answer.ts'
import { bannerText, jsonText } from './dev-answer.ts'
import type { Embedded } from './embedded.ts'
import { devFolder, openDevFolder, rememberIssuer } from './embedded.ts'
import type { Io } from './io.ts'
import { readKeyRules } from './key-settings.ts'
import { operatorActor } from './operator.ts'
import { findOrganizationRow } from './organization-row.ts'
import type { ProgramOutcome } from './program.ts'
import { startServer, untilEnded } from './server.ts'
import { settingsWrong } from './settings.ts'

type Wishes = { readonly json: boolean; readonly newSecret: boolean }

/** `countersign dev`: the whole product in one process, to try it, until it is asked to end. */
export async function dev(wishes: Wishes, io: Io): ProgramOutcome {
  const config = readDevConfig(io.env)
  if (!config.ok) return settingsWrong(config.refusal)
  const rules = readKeyRules(config.value)
  if (!rules.ok) return rules
  const opened = await openDevFolder(devFolder)
  if (!opened.ok) return opened
  try {
    return await run({ ...opened.value, keyRules: rules.value }, config.value, wishes, io)
  } finally {
    await opened.value.close()
  }
}

async function run(
  embedded: Embedded & { readonly keyRules: KeyRules },
  config: ServerConfig,
  wishes: Wishes,
  io: Io,
): ProgramOutcome {
  const log = openLog(config.logLevel, 2)
  const server = await startServer({ ...embedded, config, log })
  if (!server.ok) return server
  try {
    await rememberIssuer(devFolder, config.issuer)
    const { management, act } = server.value.house
    const options = { issuer: config.issuer, ...wishes }
    const prepared = await prepare(management, act(operatorActor()), options)
    if (!prepared.ok) return prepared
    const link = await createSetupLink(management, act(operatorActor()))
    // None is made once there is an operator.
    const answer = { ...prepared.value, setupLink: link.ok ? link.value.link : undefined }
    io.stdout.write(wishes.json ? jsonText(answer) : bannerText(answer))
    await untilEnded(io.ended)
    return accept(undefined)
  } finally {
    await server.value.close(milliseconds(config.drainDelayMilliseconds))
  }
}

/** Makes the demo the first time; later on its secrets are made anew only when asked for. */
async function prepare(
  ports: ManagementPorts,
  act: Act,
  { issuer, newSecret }: Pick<Wishes, 'newSecret'> & { readonly issuer: string },
): Promise<Result<Omit<DevAnswer, 'setupLink'>, DemoRefusal>> {
  const file = join(devFolder, 'demo.json')
  const known = await readDemo(file)
  if (!known.ok) return known
  const demo = known.value === undefined ? await makeDemo(ports, act, file) : accept(known.value)
  if (!demo.ok) return demo

  const withSecrets = known.value === undefined || newSecret
  const { audience, terraform, ci } = demo.value
  const [first, second] = [
    withSecrets ? await replaceSecret(ports, act, demo.value, terraform.id) : accept(undefined),
    withSecrets ? await replaceSecret(ports, act, demo.value, ci.id) : accept(undefined),
  ]
  if (!first.ok) return first
  if (!second.ok) return second
  return accept({
    issuer,
    audience,
    main: { ...terraform, access: 'roles of its own', secret: first.value },
    second: { ...ci, access: 'roles through the group platform', secret: second.value },
  })
}

/** Seeds the demo and remembers it, unless a start that was cut short has left a part of one. */
async function makeDemo(
  ports: ManagementPorts,
  act: Act,
  file: string,
): Promise<Result<Demo, DemoRefusal>> {
  const found = await findOrganizationRow(ports, demoName)
  if (found.ok || found.refusal.reason !== 'nothing_named') {
    return demoUnusable(`the first start was cut short, and its "${demoName}" is not whole`)
  }
  const demo = await seedDemo(ports, act)
  await writeDemo(file, demo)
  return accept(demo)
}

const secretName = 'demo'

/** The former demo secret ends: otherwise every start could leave one more behind. */
async function replaceSecret(
  ports: ManagementPorts,
  act: Act,
  { organization }: Demo,
  account: ServiceAccountId,
): Promise<Result<ClientSecret, DemoRefusal>> {
  const known = await listCredentials(ports, { organization, principal: account })
  if (!known.ok) return demoUnusable('a demo account is gone')
  for (const { id, name } of known.value.items) {
    if (String(name) === secretName) {
      await removeCredential(ports, act, { organization, credential: id })
    }
  }
  return accept(await demoSecret(ports, act, { organization, account, name: secretName }))
}
