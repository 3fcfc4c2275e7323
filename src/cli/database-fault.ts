import type { Unavailable } from '../domain/fault.ts'
import { isAnswer } from '../storage/pool.ts'
import { withoutPasswords } from '../telemetry/fault.ts'
import type { SettingsRefusal } from './settings.ts'

export type DatabaseRefusal =
  | SettingsRefusal
  /** The words of what was behind it, if they are known. */
  | { readonly reason: 'database_away'; readonly why: string | undefined }

/** SQLSTATE: 28 a login that is not let in, 3D000 a database that is not there. */
const wrongSetting = /^28|^3D000$/

/** Why the database cannot be used: a setting is wrong, or it is away. */
export function databaseRefusal({ cause }: Unavailable): DatabaseRefusal {
  if (isAnswer(cause) && wrongSetting.test(cause.code ?? '')) {
    return settingWrong(`is not accepted: ${cause.message}`)
  }
  if (codeOf(cause) === 'ERR_INVALID_URL') return settingWrong('is not a URL')
  return { reason: 'database_away', why: wordsOf(cause) }
}

function settingWrong(what: string): SettingsRefusal {
  return { reason: 'settings_wrong', problems: [`DATABASE_URL ${withoutPasswords(what)}`] }
}

/** A name can stand for several addresses; Node tells how each of them went. */
function wordsOf(fault: unknown): string | undefined {
  if (fault instanceof AggregateError) {
    return [...new Set(fault.errors.map(wordsOf))].filter((words) => words !== undefined).join(', ')
  }
  if (!(fault instanceof Error)) return undefined
  switch (codeOf(fault)) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return `nothing listens at ${placeOf(fault)}`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `there is no address for the host ${member(fault, 'hostname')}`
    default:
      return /time(?:d |-)?out/i.test(fault.message)
        ? 'no answer in time'
        : withoutPasswords(fault.message)
  }
}

/** A port of a host, or a socket in the file system. */
function placeOf(fault: Error): string {
  const [address, port] = [member(fault, 'address'), member(fault, 'port')]
  if (port === '') return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function codeOf(fault: unknown): string {
  return fault instanceof Error ? member(fault, 'code') : ''
}

function member(fault: Error, name: string): string {
  const value: unknown = Reflect.get(fault, name)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
