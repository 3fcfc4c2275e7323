import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFormText, parseForm } from '../../src/protocol/form.ts'
import { texts } from './text.ts'

const names = texts.filter((name) => name !== '' && name !== 'resource')

function many(count: number): string {
  return Array.from({ length: count }, (_, n) => `p${n}=1`).join('&')
}

describe('parseForm', () => {
  it('reads back what URLSearchParams writes, whatever the characters', () => {
    const parameters = fc.dictionary(names, texts, { maxKeys: 20 })
    fc.assert(
      fc.property(parameters, (record) => {
        const form = parseForm(new URLSearchParams(record).toString())
        expect(form.ok && Object.fromEntries(form.value.parameters)).toEqual(
          Object.fromEntries(Object.entries(record).map(([k, v]) => [k, v === '' ? undefined : v])),
        )
      }),
    )
  })

  it('agrees with URLSearchParams on every well-formed text, and never throws', () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from('ab=&+%20C3A9 /:')) })
    fc.assert(
      fc.property(text, (body) => {
        const form = parseForm(body)
        if (!form.ok) return
        const standard = new URLSearchParams(body)
        // A pair without a name is no parameter to us.
        for (const [name, value] of form.value.parameters) {
          if (name === '') continue
          expect(standard.getAll(name)[0] ?? '').toBe(value ?? '')
        }
      }),
    )
  })

  it.each([
    ['a percent sign without digits', 'scope=100%'],
    ['one hexadecimal digit', 'scope=%4'],
    ['digits that are not hexadecimal', 'scope=%zz'],
    ['a lone continuation byte', 'scope=%A9'],
    ['a sequence that is cut off', 'scope=%C3'],
    ['an overlong sequence', 'scope=%C0%AF'],
    ['an encoded surrogate', 'scope=%ED%A0%80'],
    ['a broken name', '%C3=x'],
    ['a raw byte above ASCII', 'scope=\u00E9'],
    ['a line break', 'scope=a\n'],
    ['a NUL', 'scope=\0'],
  ])('refuses %s', (_, body) => {
    expect(parseForm(body)).toEqual({ ok: false, refusal: { reason: 'form_malformed' } })
  })

  it('takes a parameter without a value for one that is not there', () => {
    const form = parseForm('scope=&audience&grant_type=x')
    expect(form.ok && form.value.parameters.get('scope')).toBeUndefined()
    expect(form.ok && form.value.parameters.get('audience')).toBeUndefined()
    expect(form.ok && form.value.parameters.get('grant_type')).toBe('x')
  })

  it('refuses a parameter that occurs twice, alike or not, with a value or not', () => {
    const refusal = { reason: 'parameter_repeated', name: 'scope' }
    for (const body of [
      'scope=a&scope=a',
      'scope=a&scope=b',
      'scope=&scope=b',
      'scope=a&%73cope=',
    ]) {
      expect(parseForm(body)).toEqual({ ok: false, refusal })
    }
  })

  it('does not tell the name of a repeated parameter that could be a secret', () => {
    const secret = 'csk_0123456789abcdef_Zm9v'
    expect(parseForm(`${secret}&${secret}`)).toEqual({
      ok: false,
      refusal: { reason: 'parameter_repeated', name: undefined },
    })
  })

  it('keeps every `resource` that has a value', () => {
    const form = parseForm('resource=a&resource=&resource=b')
    expect(form.ok && form.value.resources).toEqual(['a', 'b'])
  })

  it('passes over stray ampersands', () => {
    const form = parseForm('&&a=1&&b=2&')
    expect(form.ok && [...form.value.parameters]).toContainEqual(['a', '1'])
    expect(form.ok && [...form.value.parameters]).toContainEqual(['b', '2'])
  })

  it('reads 50 parameters and refuses 51, ampersands counted', () => {
    expect(parseForm(many(50)).ok).toBe(true)
    const refused = { ok: false, refusal: { reason: 'parameters_too_many' } }
    expect(parseForm(many(51))).toEqual(refused)
    expect(parseForm(`${'&'.repeat(50)}scope=a`)).toEqual(refused)
    expect(parseForm(`${many(50)}&`)).toEqual(refused)
  })

  it('reads a plus as a space and an encoded plus as a plus', () => {
    expect(decodeFormText('a+b%2Bc')).toBe('a b+c')
  })
})
