/**
 * Completes package-lock.json after a dependency was changed: npm leaves out the optional packages of
 * other platforms that it could not find, and `npm ci` then refuses the lock everywhere. Their version
 * is exact in the package that asks for them, and their platform is in their name; only the checksum
 * stays unknown.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32']
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64']

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const found = new Map(Object.entries(lock.packages))

for (const { dev, optionalDependencies = {} } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const place = `node_modules/${name}`
    if (!found.has(place)) found.set(place, { version, ...platform(name), dev, optional: true })
  }
}

const places = [...found.keys()].toSorted((a, b) => a.localeCompare(b, 'en'))
lock.packages = Object.fromEntries(places.map((place) => [place, found.get(place)]))
writeFileSync('package-lock.json', `${JSON.stringify(lock, undefined, 2)}\n`)

function platform(name) {
  const words = name.split(/[/-]/)
  const libc = /\bgnu/.test(name) ? ['glibc'] : /\bmusl/.test(name) ? ['musl'] : undefined
  return { cpu: among(processors, words), os: among(systems, words), libc }
}

function among(known, words) {
  const word = known.find((candidate) => words.includes(candidate))
  if (word === undefined) throw new Error(`no platform in the name ${words.join('-')}`)
  return [word]
}
