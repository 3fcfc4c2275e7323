import { accept } from '../domain/result.ts'
import { accessText } from './access-text.ts'
import { accessAnswer, removalPreviewAnswer } from './answers.ts'
import type { OrganizationDesk, Outcome } from './command.ts'
import { findApi, findGiven } from './find.ts'
import { previewText } from './preview-text.ts'

// What accounts and members have in common: what they hold, and what would end with them.

/** What a principal holds at each API, or at one, and why. */
export async function toldAccess(
  desk: OrganizationDesk,
  principal: string,
  api: string | undefined,
): Outcome {
  const at = await findGiven(api, async (text) => findApi(desk, text))
  if (!at.ok) return at
  const path = desk.inside('principals', principal, 'effective-access')
  const query = { audience: at.value?.audience }
  const held = await desk.api.ask({ method: 'GET', path, query }, accessAnswer)
  if (!held.ok) return held
  return accept({ document: held.value, text: accessText(held.value) })
}

/** What would end with a principal. */
export async function toldPreview(desk: OrganizationDesk, principal: string): Outcome {
  const ending = await readPreview(desk, principal)
  if (!ending.ok) return ending
  return accept({ document: ending.value, text: previewText(ending.value, desk.now) })
}

export async function readPreview({ api, inside }: OrganizationDesk, principal: string) {
  const path = inside('principals', principal, 'removal-preview')
  return api.ask({ method: 'GET', path }, removalPreviewAnswer)
}
