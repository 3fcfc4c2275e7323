import type { KeyEncryptionKeys } from '../crypto/key-vault.ts'
import { passwords } from '../crypto/passwords.ts'
import { tokens } from '../crypto/tokens.ts'
import { totp } from '../crypto/totp.ts'
import { signIns } from '../memory/sign-ins.ts'
import type { ManagementPorts, PeoplePorts } from '../management/ports.ts'
import type { Clock } from '../ports/clock.ts'

/** How people prove who they are, and what a process keeps of their tries. */
export function peoplePorts(
  keyEncryptionKeys: KeyEncryptionKeys,
  clock: Clock,
): Omit<PeoplePorts, keyof ManagementPorts> {
  return {
    tokens: tokens(),
    passwords: passwords(),
    totp: totp(keyEncryptionKeys),
    signIns: signIns(clock),
  }
}
