import type { CheckpointImpossible } from '../../../../management/audit-checkpoints.ts'
import type { Faces } from './face.ts'

export type AuditRefusal = CheckpointImpossible

export const auditFaces: Faces<AuditRefusal> = {
  chains_too_many: [
    422,
    'There are too many chains',
    ({ max }) => `a checkpoint can state the ends of at most ${max} chains`,
  ],
  checkpoint_key_missing: [
    503,
    'No key signs checkpoints now',
    () => 'no key may sign checkpoints now, or this process cannot open it',
  ],
}
