import { z } from 'zod'
import { parsed } from './setting.ts'

const oneNetwork = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])
const networksMax = 100
/** Addresses, and networks in CIDR notation. */
export const networks = parsed(
  `at most ${networksMax} addresses and networks with commas between them, such as \`10.0.0.0/8, fd00::1\``,
  (text) => {
    const named = text
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '')
    const isRight =
      named.length <= networksMax && named.every((each) => oneNetwork.safeParse(each).success)
    return isRight ? named : undefined
  },
)
