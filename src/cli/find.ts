import type { z } from 'zod'
import { parseAudience } from '../domain/api.ts'
import type { Noun } from '../domain/id.ts'
import { parseId } from '../domain/id.ts'
import { parseName } from '../domain/name.ts'
import { parseEmail } from '../domain/person.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type {
  AccountAnswer,
  ApiAnswer,
  CredentialAnswer,
  GroupAnswer,
  InvitationAnswer,
  MemberAnswer,
  OrganizationAnswer,
  RoleAnswer,
} from './answers.ts'
import {
  accountAnswer,
  apiAnswer,
  credentialAnswer,
  groupAnswer,
  invitationAnswer,
  memberAnswer,
  organizationAnswer,
  pageOf,
  roleAnswer,
} from './answers.ts'
import type { ApiClient } from './api-client.ts'
import type { CommandRefusal } from './refusal-text.ts'

// What people call a thing, and which thing it is. What has the form of an id is one.

type Found<Thing> = Promise<Result<Thing, CommandRefusal>>
type Place = {
  readonly api: ApiClient
  readonly inside: (...path: readonly string[]) => readonly string[]
}

/** Without a text: the only organization that can be seen. */
export async function findOrganization(
  api: ApiClient,
  text: string | undefined,
): Found<OrganizationAnswer> {
  const path = ['organizations']
  if (text !== undefined) return oneOf(api, text, { ...organizations, path })
  const page = await api.ask({ method: 'GET', path }, pageOf(organizationAnswer))
  if (!page.ok) return page
  const { items } = page.value
  const [only, ...others] = items
  if (only !== undefined && others.length === 0) return accept(only)
  const names = items.map(({ name }) => name)
  const called = items.map(({ id, name }) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : id,
  )
  return refuse({ reason: 'organization_needed', names: called })
}

export async function findAccount({ api, inside }: Place, text: string): Found<AccountAnswer> {
  return oneOf(api, text, { ...accounts, path: inside('service-accounts') })
}

export async function findGroup({ api, inside }: Place, text: string): Found<GroupAnswer> {
  return oneOf(api, text, { ...groups, path: inside('groups') })
}

export async function findRole({ api, inside }: Place, text: string): Found<RoleAnswer> {
  return oneOf(api, text, { ...roles, path: inside('roles') })
}

/** By the email that they sign in with: names are not unique. */
export async function findMember({ api, inside }: Place, text: string): Found<MemberAnswer> {
  return oneOf(api, text, { ...members, path: inside('members') })
}

/** By the email of whoever is invited. */
export async function findInvitation(
  { api, inside }: Place,
  text: string,
): Found<InvitationAnswer> {
  return oneOf(api, text, { ...invitations, path: inside('invitations') })
}

/** Whoever roles are granted to: an account, or a member by their email or id. */
export async function findPrincipal(
  place: Place,
  text: string,
): Found<{ readonly id: string; readonly name: string; readonly word: 'account' | 'member' }> {
  if (parseId('member', text) === undefined && parseEmail(text) === undefined) {
    const account = await findAccount(place, text)
    return account.ok ? accept({ ...account.value, word: 'account' }) : account
  }
  const member = await findMember(place, text)
  return member.ok ? accept({ ...member.value, word: 'member' }) : member
}

/** Among those of one account. */
export async function findCredential(
  { api, inside }: Place,
  account: string,
  text: string,
): Found<CredentialAnswer> {
  const path = inside('service-accounts', account, 'credentials')
  return oneOf(api, text, { ...credentials, path })
}

/** Also by its audience. */
export async function findApi({ api, inside }: Place, text: string): Found<ApiAnswer> {
  const path = inside('apis')
  if (parseAudience(text) !== undefined) {
    const call = { method: 'GET', path, query: { audience: text } } as const
    const page = await api.ask(call, pageOf(apiAnswer))
    if (!page.ok) return page
    const [found] = page.value.items
    if (found !== undefined) return accept(found)
  }
  return oneOf(api, text, { ...apis, path })
}

/** The only API beside the management API, for a permission that names none. */
export async function findOnlyApi({ api, inside }: Place): Found<ApiAnswer> {
  const page = await api.ask({ method: 'GET', path: inside('apis') }, pageOf(apiAnswer))
  if (!page.ok) return page
  const [only, ...others] = page.value.items.filter(({ built_in: isBuiltIn }) => !isBuiltIn)
  if (only !== undefined && others.length === 0) return accept(only)
  const problem =
    only === undefined
      ? 'there is no API yet: countersign api create <audience> --name <name>'
      : 'there are several APIs: say whose a permission is, as in orders:read@Orders'
  return refuse({ reason: 'usage_wrong', problems: [problem] })
}

/** Finds each of several, or says which one there is not. */
export async function findEach<Reference, Thing>(
  references: readonly Reference[],
  find: (reference: Reference) => Found<Thing>,
): Found<readonly Thing[]> {
  const things: Thing[] = []
  for (const one of references) {
    const found = await find(one)
    if (!found.ok) return found
    things.push(found.value)
  }
  return accept(things)
}

/** Finds the one that is given, if one is. */
export async function findGiven<Thing>(
  text: string | undefined,
  find: (text: string) => Found<Thing>,
): Found<Thing | undefined> {
  return text === undefined ? accept(undefined) : find(text)
}

const organizations = {
  noun: 'organization',
  word: 'organization',
  schema: organizationAnswer,
} as const
const accounts = {
  noun: 'service_account',
  word: 'service account',
  schema: accountAnswer,
} as const
const groups = { noun: 'group', word: 'group', schema: groupAnswer } as const
const roles = { noun: 'role', word: 'role', schema: roleAnswer } as const
const credentials = { noun: 'credential', word: 'secret', schema: credentialAnswer } as const
const people = { by: 'email', parse: parseEmail } as const
const members = { noun: 'member', word: 'member', schema: memberAnswer, ...people } as const
const invitations = {
  noun: 'invitation',
  word: 'invitation',
  schema: invitationAnswer,
  ...people,
} as const
const apis = { noun: 'api', word: 'API', schema: apiAnswer } as const

type Identified = z.ZodType<{ readonly id: string }>

type Where<Answer extends Identified> = {
  readonly noun: Noun
  readonly word: string
  readonly schema: Answer
  /** What it is found by, unless that is its name. */
  readonly by?: 'name' | 'email'
  readonly parse?: (text: string) => string | undefined
  /** Of the list. */
  readonly path: readonly string[]
}

async function oneOf<Answer extends Identified>(
  api: ApiClient,
  text: string,
  where: Where<Answer>,
): Found<z.output<Answer>> {
  const { noun, schema, path, by = 'name', parse = parseName } = where
  if (parseId(noun, text) !== undefined) {
    const shown = await api.ask({ method: 'GET', path: [...path, text] }, schema)
    if (shown.ok) return shown
    const isMissing = shown.refusal.reason === 'call_refused' && shown.refusal.status === 404
    return isMissing ? nothing(where, text) : shown
  }
  if (parse(text) === undefined) return nothing(where, text, by)
  const call = { method: 'GET', path, query: { [by]: text } } as const
  const page = await api.ask(call, pageOf(schema))
  if (!page.ok) return page
  return onlyOf(page.value.items, where, text)
}

/** Which of several was meant is not for a name to say. */
function onlyOf<Thing extends { readonly id: string }>(
  items: readonly Thing[],
  where: Pick<Where<never>, 'word'>,
  text: string,
): Result<Thing, CommandRefusal> {
  const [first, ...others] = items
  if (first === undefined) return nothing(where, text)
  if (others.length === 0) return accept(first)
  return refuse({ reason: 'several_named', noun: where.word, text, ids: items.map(({ id }) => id) })
}

/** What people call by a name may be called wrongly; whoever is found by an email is not. */
function nothing({ word }: Pick<Where<never>, 'word'>, text: string, by?: 'name' | 'email') {
  const called = { reason: 'nothing_named', noun: word, text } as const
  return refuse(by === 'email' ? { ...called, by } : called)
}
