import type { Unavailable } from '../domain/fault.ts'
import { isAnswer } from '../storage/pool.ts'
import { withoutPasswords } from '../telemetry/fault.ts'
import { faultCode, networkFaultText } from './network-fault.ts'
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
  if (faultCode(cause) === 'ERR_INVALID_URL') return settingWrong('is not a URL')
  return { reason: 'database_away', why: networkFaultText(cause) }
}

function settingWrong(what: string): SettingsRefusal {
  return { reason: 'settings_wrong', problems: [`DATABASE_URL ${withoutPasswords(what)}`] }
}
