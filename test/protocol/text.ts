/** Arbitraries of text as a request can hold it. */
import fc from 'fast-check'

/** Any character that can be sent, as often of each length that there is in UTF-8. */
const character = fc
  .oneof(fc.nat(0x7f), fc.nat(0x7_ff), fc.nat(0xff_ff), fc.nat(0x10_ff_ff))
  .map((code) => String.fromCodePoint(code))
  .filter((one) => one.isWellFormed())

export const texts = fc.string({ unit: character })
