import { issuerAccepts, issuerComplaint } from '../config/issuer.ts'
import { parseProfileName, profileNameAccepts } from '../config/login.ts'
import { parseSecretHash } from '../domain/credential.ts'
import type { ApiPermission } from '../domain/api.ts'
import { parseAudience, parseTokenLifetime } from '../domain/api.ts'
import type { ResourceName } from '../domain/binding.ts'
import { parseResourceName } from '../domain/binding.ts'
import type { Id, Noun } from '../domain/id.ts'
import { idPrefixes, parseId } from '../domain/id.ts'
import { parseDescription, parseName } from '../domain/name.ts'
import type { Permission } from '../domain/permission.ts'
import { parsePermission } from '../domain/permission.ts'
import { parseEmail } from '../domain/person.ts'
import { parseScope } from '../domain/scope.ts'
import { parseSecretHandle } from '../domain/secret.ts'
import { parseSigningAlg, signingAlgs } from '../domain/signing-alg.ts'
import type { NumericDate, Seconds } from '../domain/time.ts'
import { later, numericDate, parseDate, seconds } from '../domain/time.ts'
import type { Field } from './inputs.ts'

// What the words of the command line mean: text in, a value of the domain out.

export const nameField = {
  placeholder: '<name>',
  accepts: 'a name of 1 to 100 characters, without spaces at its ends',
  parse: parseName,
} satisfies Field<unknown>

export const descriptionField = {
  placeholder: '<text>',
  accepts: 'at most 500 characters',
  parse: parseDescription,
} satisfies Field<unknown>

export const fileField: Field<string> = {
  placeholder: '<file>',
  accepts: 'the name of a file',
  parse: (text) => (text === '' ? undefined : text),
}

export const handleField = {
  placeholder: '<handle>',
  accepts: 'the 16 letters and digits of a secret between its underscores',
  parse: parseSecretHandle,
} satisfies Field<unknown>

export const hashField = {
  placeholder: '<hash>',
  accepts: 'the hash of a secret in PHC form, as secret generate prints it',
  parse: parseSecretHash,
} satisfies Field<unknown>

export const audienceField = {
  placeholder: '<audience>',
  accepts: 'an absolute URI in its normal form, without query or fragment',
  parse: parseAudience,
} satisfies Field<unknown>

export const emailField = {
  placeholder: '<email>',
  accepts: 'an email address',
  parse: parseEmail,
} satisfies Field<unknown>

export const issuerField = {
  placeholder: '<url>',
  accepts: 'the URL of an issuer',
  parse: (text: string) => (URL.canParse(text) ? text : undefined),
} satisfies Field<unknown>

/** The issuer itself, as its settings have it. */
export const serverField: Field<string> = {
  placeholder: '<url>',
  accepts: issuerAccepts,
  parse: (text) => (issuerComplaint(text) === undefined ? text : undefined),
}

export const profileField: Field<string> = {
  placeholder: '<profile>',
  accepts: profileNameAccepts,
  parse: parseProfileName,
}

export const scopeField: Field<string> = {
  placeholder: '<scope>',
  accepts: 'permissions with spaces between them',
  parse: (text) => (parseScope(text) === undefined ? undefined : text),
}

export const resourceField = {
  placeholder: '<resource>',
  accepts: 'a resource such as cluster/prod-eu',
  explained: true,
  parse: parseResourceName,
} satisfies Field<unknown>

const whenAccepts = 'a date (2031-01-31, 2031-01-31T12:00:00Z) or a time from now (12h, 90d)'

export const whenField = {
  placeholder: '<when>',
  accepts: whenAccepts,
  explained: true,
  parse: parseWhen,
} satisfies Field<unknown>

/** Until when something is looked for: a time is before now, a date may be ahead. */
export const untilField = {
  placeholder: '<when>',
  accepts: 'a date (2031-01-31, 2031-01-31T12:00:00Z) or a time before now (12h, 90d)',
  explained: true,
  parse: (text: string, now: NumericDate) => {
    const duration = parseDuration(text)
    return duration === undefined ? parseDate(text) : parseBefore(now, duration)
  },
} satisfies Field<unknown>

/** From when on, which has been: nothing that was done would be from a moment ahead. */
export const sinceField = {
  ...untilField,
  accepts:
    'a date that has been (2031-01-31, 2031-01-31T12:00:00Z) or a time before now (12h, 90d)',
  parse: (text: string, now: NumericDate) => {
    const moment = untilField.parse(text, now)
    return moment === undefined || moment > now ? undefined : moment
  },
} satisfies Field<unknown>

/** `null` takes an end away. */
export const whenOrNeverField: Field<NumericDate | null> = {
  placeholder: '<when>',
  accepts: `${whenAccepts}, or never`,
  explained: true,
  parse: (text, now) => (text === 'never' ? null : parseWhen(text, now)),
}

const lifetimeAccepts = 'a time from 1m to 1h, such as 90s or 15m'

export const lifetimeField = {
  placeholder: '<duration>',
  accepts: lifetimeAccepts,
  explained: true,
  parse: parseLifetime,
} satisfies Field<unknown>

/** `null` leaves the lifetime to the API. */
export const lifetimeOrDefaultField: Field<Seconds | null> = {
  placeholder: '<duration>',
  accepts: `${lifetimeAccepts}, or default`,
  explained: true,
  parse: (text) => (text === 'default' ? null : parseLifetime(text)),
}

export const signingAlgField = {
  placeholder: '<alg>',
  accepts: `one of ${signingAlgs.join(', ')}`,
  explained: true,
  choices: signingAlgs,
  parse: parseSigningAlg,
} satisfies Field<unknown>

export const permissionField = {
  placeholder: '<permission>',
  accepts: 'a permission such as orders:read',
  parse: parsePermission,
} satisfies Field<unknown>

/** A permission and, after `=`, what it allows. No permission has that character. */
export const describedPermissionField: Field<ApiPermission> = {
  placeholder: '<permission[=text]>',
  accepts: "a permission such as orders:read or 'orders:read=Look up orders'",
  explained: true,
  parse: (text) => {
    const [name = '', ...rest] = text.split('=')
    const permission = parsePermission(name)
    const description = parseDescription(rest.join('='))
    return permission && description !== undefined ? { permission, description } : undefined
  },
}

/** A permission and, after `@`, whose it is; without, the only API there is. */
export type PermissionReference = {
  readonly permission: Permission
  readonly api: string | undefined
}

export const permissionReferenceField: Field<PermissionReference> = {
  placeholder: '<permission[@api]>',
  accepts: 'a permission and its API, such as orders:read@Orders',
  explained: true,
  parse: (text) => {
    const [name = '', ...rest] = text.split('@')
    const permission = parsePermission(name)
    return permission && { permission, api: rest.length > 0 ? rest.join('@') : undefined }
  },
}

/** A role and, after the last `@`, the one resource it is held on. */
export type RoleReference = { readonly role: string; readonly resource: ResourceName | undefined }

export const roleReferenceField: Field<RoleReference> = {
  placeholder: '<role[@resource]>',
  accepts: 'a role, or a role on one resource, such as Operator@cluster/prod-eu',
  explained: true,
  parse: (text) => {
    const at = text.lastIndexOf('@')
    const resource = at === -1 ? undefined : parseResourceName(text.slice(at + 1))
    const role = resource === undefined ? text : text.slice(0, at)
    return role === '' ? undefined : { role, resource }
  },
}

/** What an object is found by, once its organization is known. */
export function reference(what: string): Field<string> {
  return {
    placeholder: `<${what}>`,
    accepts: `the name or the id of the ${what}`,
    parse: (text) => (text === '' ? undefined : text),
  }
}

export function idField<N extends Noun>(noun: N): Field<Id<N>> {
  return {
    placeholder: '<id>',
    accepts: `an id that begins with ${idPrefixes[noun]}_`,
    parse: (text) => parseId(noun, text),
  }
}

const unitSeconds: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 60 * 60,
  d: 24 * 60 * 60,
  w: 7 * 24 * 60 * 60,
}

function parseDuration(text: string): Seconds | undefined {
  const [, count, unit = ''] = /^(\d{1,5})([smhdw])$/.exec(text) ?? []
  return count === undefined ? undefined : seconds(Number(count) * (unitSeconds[unit] ?? 0))
}

/** Not before there was any. */
function parseBefore(now: NumericDate, duration: Seconds): NumericDate {
  return numericDate(Math.max(0, now - duration))
}

function parseLifetime(text: string): Seconds | undefined {
  const duration = parseDuration(text)
  return duration === undefined ? undefined : parseTokenLifetime(duration)
}

function parseWhen(text: string, now: NumericDate): NumericDate | undefined {
  const duration = parseDuration(text)
  return duration === undefined ? parseDate(text) : later(now, duration)
}

const yesOrNo = new Map([
  ['yes', true],
  ['no', false],
])

export const yesOrNoField: Field<boolean> = {
  placeholder: '<yes|no>',
  accepts: 'yes or no',
  choices: ['yes', 'no'],
  parse: (text) => yesOrNo.get(text),
}
