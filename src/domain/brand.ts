/**
 * The domain: nouns and rules. Nothing here does I/O, reads a clock, draws a random number or
 * imports a package, so every rule can be tried with plain values.
 */

declare const brand: unique symbol

/** A value that has passed the check its name stands for. Made only by the parser beside it. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name }

/** Ends a switch over a union: a new arm fails to compile here, and a lie from outside throws. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
