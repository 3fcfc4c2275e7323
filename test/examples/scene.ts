import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { newOrganization } from '../management/desk.ts'
import type { World } from '../api/world.ts'
import { addMachine, worldOf } from '../api/world.ts'
import type { Caller } from '../api/call.ts'
import { done } from '../api/call.ts'
import { run } from '../clients/programs.ts'
import { openTerminal } from '../cli/terminal.ts'
import { openTestHouse } from '../support/house.ts'

const root = join(import.meta.dirname, '../..')

export const page = await readFile(join(root, 'docs/infrastructure-as-code.md'), 'utf8')

/** The one who provisions: an organization, an account that owns it, and a copy of the examples. */
export type Provisioner = {
  readonly world: World
  readonly organization: string
  /** What the account calls the management API as. */
  readonly caller: () => Promise<Caller>
  readonly secret: string
  readonly folder: string
  /** Runs a program of the examples, in one of their folders; fails with what it said. */
  readonly run: (
    folder: string,
    command: readonly [string, ...string[]],
  ) => Promise<{ readonly stdout: string; readonly stderr: string }>
  readonly close: () => Promise<void>
}

export async function openProvisioner(): Promise<Provisioner> {
  const world = await worldOf(await openTestHouse())
  const { id: organization } = await newOrganization(world.desk())
  // Beside another one an organization needs the operator's word for an audience.
  await newOrganization(world.desk())
  await approveAudience(world, organization)
  const { client, token } = await addMachine(world, organization, 'owner')
  const folder = await mkdtemp(join(tmpdir(), 'countersign-examples-'))
  await cp(join(root, 'examples'), folder, { recursive: true })
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
    TF_CLI_CONFIG_FILE: '/dev/null',
    COUNTERSIGN: `${process.execPath} ${join(root, 'bin/countersign.js')}`,
    COUNTERSIGN_ISSUER: world.issuer,
    COUNTERSIGN_ORGANIZATION: organization,
    COUNTERSIGN_CLIENT_ID: client.id,
    COUNTERSIGN_CLIENT_SECRET: client.secret,
  }
  return {
    world,
    organization,
    caller: token,
    secret: client.secret,
    folder,
    run: async (within, command) => {
      const said = await run(command, { env, cwd: join(folder, within) })
      if (said.code === 0) return said
      throw new Error(`${command.join(' ')}: ${said.code}\n${said.stdout}\n${said.stderr}`)
    },
    close: async () => {
      await rm(folder, { recursive: true })
      await world.close()
    },
  }
}

/** What an operator does first, as the page has it. */
async function approveAudience({ db, clock, issuer }: World, organization: string) {
  const start = 'countersign audience-approval create '
  const line = page.split('\n').find((one) => one.startsWith(start))
  if (line === undefined) throw new Error(`the page has no line ${start}`)
  const terminal = await openTerminal(db, clock, issuer)
  await terminal.json(line.replace('countersign ', '').replace('Acme', organization))
}

/** Whether these programs are on this machine. */
export function hasPrograms(...names: readonly string[]): boolean {
  const places = (process.env['PATH'] ?? '').split(delimiter)
  return names.every((name) => places.some((place) => existsSync(join(place, name))))
}

type Item = {
  readonly name?: string
  readonly built_in?: boolean
  readonly role_name?: string
  readonly subject_name?: string
}

/** What there is in the organization beside what it began with, as the management API tells it. */
export async function madeIn({
  world,
  organization,
  caller,
}: Provisioner): Promise<Readonly<Record<string, readonly string[]>>> {
  const who = await caller()
  const lists = await Promise.all(
    ['apis', 'roles', 'groups', 'service-accounts', 'bindings'].map(async (noun) => {
      const path = `/organizations/${organization}/${noun}`
      const { items } = (await done(world, who, { method: 'GET', path })) as { items: Item[] }
      const made = items.filter((item) => item.built_in !== true && !isOfProvisioner(item))
      return [noun, made.map(calledAs).toSorted()] as const
    }),
  )
  return Object.fromEntries(lists)
}

function calledAs({ name, role_name: role, subject_name: subject }: Item): string {
  return name ?? `${subject} is ${role}`
}

function isOfProvisioner({ name, subject_name: subject }: Item): boolean {
  return (name ?? subject ?? '').startsWith('account ')
}
