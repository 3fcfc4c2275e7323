import { z } from 'zod'
import { words } from './setting.ts'

/** Settings as a Markdown table, in their order. */
export function tableOf(settings: Readonly<Record<string, z.ZodPrefault | z.ZodOptional>>): string {
  const rows = Object.entries(settings).map(([name, schema]) => {
    const fallback = schema instanceof z.ZodPrefault ? `\`${String(schema.def.defaultValue)}\`` : ''
    const accepts = words.get(schema.unwrap())?.accepts ?? ''
    return `| \`${name}\` | ${fallback} | ${schema.description ?? ''} | ${accepts} |`
  })
  return ['| setting | default | meaning | accepts |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  )
}

/** Each setting with its default, or with nothing. */
export function defaultsOf(
  settings: Readonly<Record<string, z.ZodPrefault | z.ZodOptional>>,
): readonly (readonly [string, string])[] {
  return Object.entries(settings).map(([name, schema]) => [
    name,
    schema instanceof z.ZodPrefault ? String(schema.def.defaultValue) : '',
  ])
}
