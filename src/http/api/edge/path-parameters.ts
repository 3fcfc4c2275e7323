import type { Noun } from '../../../domain/id.ts'
import { idPrefixes, parseId } from '../../../domain/id.ts'
import { parseKid } from '../../../domain/key-ring.ts'

type PathParameter<Value> = {
  readonly parse: (text: string) => Value | undefined
  readonly description: string
  readonly example: string
  readonly pattern: string
}

export const idBody = '[0-7][0-9a-hjkmnp-tv-z]{25}'
const exampleBody = '01jmz4ytf0e8x9k2v6q3w5a7bc'

function id<N extends Noun>(noun: N, what: string) {
  return {
    parse: (text: string) => parseId(noun, text),
    description: `The id of ${what}.`,
    example: exampleId(noun),
    pattern: `^${idPrefixes[noun]}_${idBody}$`,
  }
}

export function exampleId(noun: Noun): string {
  return `${idPrefixes[noun]}_${exampleBody}`
}

/** Every parameter that a path can have. What does not parse is unknown, as what is not there. */
export const pathParameters = {
  organization_id: id('organization', 'the organization'),
  service_account_id: id('service_account', 'the service account'),
  credential_id: id('credential', 'the credential'),
  application_key_id: id('application_key', 'the application key'),
  member_id: id('member', 'the member'),
  invitation_id: id('invitation', 'the invitation'),
  group_id: id('group', 'the group'),
  role_id: id('role', 'the role'),
  binding_id: id('binding', 'the granted role'),
  api_id: id('api', 'the API'),
  person_id: id('person', 'the person'),
  session_id: id('session', 'the session'),
  audience_approval_id: id('audience_approval', 'the approval of an audience'),
  principal_id: {
    parse: (text: string) => parseId('service_account', text) ?? parseId('member', text),
    description: 'The id of the principal: a service account or a member.',
    example: exampleId('service_account'),
    pattern: `^(?:sa|mem)_${idBody}$`,
  },
  kid: {
    parse: parseKid,
    description: 'The key id: the thumbprint of the key. RFC 7638.',
    example: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    pattern: String.raw`^[\w-]{43}$`,
  },
} as const satisfies Readonly<Record<string, PathParameter<string>>>

export type ParameterName = keyof typeof pathParameters

type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never

/** What a path names, parsed. */
export type Params<Path extends string> = {
  readonly [Name in NamesIn<Path> & ParameterName]: NonNullable<
    ReturnType<(typeof pathParameters)[Name]['parse']>
  >
}

export function parameterNames(path: string): readonly ParameterName[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    if (!isParameter(name)) throw new Error(`no such path parameter: ${name}`)
    return name
  })
}

/** `undefined` if one of them cannot be the name of anything. */
export function readParams<Path extends string>(
  path: Path,
  given: Readonly<Record<string, string>>,
): Params<Path> | undefined {
  const names = parameterNames(path)
  const params = names.map((name) => [name, pathParameters[name].parse(given[name] ?? '')])
  if (params.some(([, value]) => value === undefined)) return undefined
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every name of the path is there, parsed
  return Object.fromEntries(params) as Params<Path>
}

function isParameter(name: string): name is ParameterName {
  return Object.hasOwn(pathParameters, name)
}
