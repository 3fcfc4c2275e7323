import { describe, expect, it } from 'vitest'
import { tokens } from '../../src/crypto/tokens.ts'
import { linkTo, parseLinkToken } from '../../src/domain/link.ts'
import { parseSessionToken } from '../../src/domain/session.ts'

const { link, session, hash, csrf, isCsrf } = tokens()

describe('the token of a link or a session', () => {
  it('reads back as itself, and as nothing else', () => {
    const [ofLink, ofSession] = [link(), session()]
    expect(ofLink).toMatch(/^cln_[0-9A-Za-z]{49}$/)
    expect(ofSession).toMatch(/^css_[0-9A-Za-z]{49}$/)
    expect([parseLinkToken(ofLink), parseSessionToken(ofSession)]).toEqual([ofLink, ofSession])
    expect([parseLinkToken(ofSession), parseSessionToken(ofLink)]).toEqual([undefined, undefined])
    expect(parseLinkToken(`${ofLink} `)).toBeUndefined()
    const mistyped = ofLink.slice(0, 10) + (ofLink[10] === 'a' ? 'b' : 'a') + ofLink.slice(11)
    expect(parseLinkToken(mistyped)).toBeUndefined()
  })

  it('is another one each time', () => {
    expect(link()).not.toBe(link())
    expect(session()).not.toBe(session())
  })

  it('is found by a hash that does not tell it', () => {
    const token = session()
    expect(hash(token)).toEqual(hash(token))
    expect(hash(token)).not.toEqual(hash(session()))
    expect(hash(token)).toHaveLength(32)
  })

  it('stands in the fragment of a link, which no server sees', () => {
    const token = link()
    expect(linkTo('https://id.example.com', 'setup', token)).toBe(
      `https://id.example.com/console/setup#${token}`,
    )
    const {
      hash: fragment,
      search,
      pathname,
    } = new URL(linkTo('https://id.example.com/tokens/', 'invitation', token))
    expect([pathname, search, fragment]).toEqual(['/tokens/console/invitation', '', `#${token}`])
  })
})

describe('a CSRF token', () => {
  it('belongs to one session, and is neither its token nor the hash that is stored', () => {
    const token = session()
    expect(isCsrf(csrf(token), token)).toBe(true)
    expect(csrf(token)).toMatch(/^[\w-]{43}$/)
    expect(csrf(token)).not.toBe(Buffer.from(hash(token)).toString('base64url'))
    for (const text of [csrf(session()), '', token, `${csrf(token)}=`]) {
      expect(isCsrf(text, token)).toBe(false)
    }
  })
})
