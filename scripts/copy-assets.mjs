/** Puts what browsers load beside the compiled program, as it is. */
import { cpSync } from 'node:fs'

const assets = 'http/console/assets'
cpSync(`src/${assets}`, `dist/${assets}`, { recursive: true })
