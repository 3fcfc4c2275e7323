import { accept } from '../domain/result.ts'
import { accessText } from './access-text.ts'
import { previewText } from './account-text.ts'
import { accessAnswer, removalPreviewAnswer } from './answers.ts'
import type { OrganizationDesk } from './command.ts'
import { command } from './command.ts'
import { reference } from './fields.ts'
import { findAccount, findApi, findGiven } from './find.ts'
import { optional, required } from './inputs.ts'

const which = { account: required(reference('account'), 'Its name or client ID') }

export const access = command({
  verb: 'access',
  summary: 'Show what it holds at each API, and why',
  arguments: which,
  options: { api: optional(reference('api'), 'At this API alone') },
  run: async (desk, given) => {
    const found = await findAccount(desk, given.account)
    if (!found.ok) return found
    const at = await findGiven(given.api, async (text) => findApi(desk, text))
    if (!at.ok) return at
    const path = desk.inside('principals', found.value.id, 'effective-access')
    const query = { audience: at.value?.audience }
    const held = await desk.api.ask({ method: 'GET', path, query }, accessAnswer)
    if (!held.ok) return held
    return accept({ document: held.value, text: accessText(held.value.access) })
  },
})

export const preview = command({
  verb: 'preview',
  summary: 'Show what would end with it, if it were removed or disabled',
  arguments: which,
  options: {},
  run: async (desk, { account: text }) => {
    const found = await findAccount(desk, text)
    if (!found.ok) return found
    const ending = await readPreview(desk, found.value.id)
    if (!ending.ok) return ending
    return accept({ document: ending.value, text: previewText(ending.value, desk.now) })
  },
})

/** What would end with it. */
export async function readPreview({ api, inside }: OrganizationDesk, id: string) {
  const path = inside('principals', id, 'removal-preview')
  return api.ask({ method: 'GET', path }, removalPreviewAnswer)
}
