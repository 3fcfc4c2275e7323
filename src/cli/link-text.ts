type CreatedLink = { readonly link: string | null; readonly expires_at: string }

/** A link on a line of its own, and what to do with it. */
export function linkText({ link, expires_at: end }: CreatedLink, whatToDo: string): string {
  return `${link ?? ''}\n\nIt is good once, until ${end}, and will not be shown again.\n${whatToDo}\n`
}
