// Calls of the management API, and what became of them in words.

const api = new URL(document.body.dataset.api, location.origin).href
const callMilliseconds = 20_000

/** What a call came to: `{ ok: true, value }`, or `{ ok: false, problem }`. */
export async function call(method, path, { body, csrf } = {}) {
  const headers = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (csrf !== undefined) headers['x-csrf-token'] = csrf
  try {
    const response = await fetch(`${api}${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(callMilliseconds),
    })
    const answer = await read(response)
    return response.ok && answer !== undefined
      ? { ok: true, value: answer }
      : { ok: false, problem: problemIn(response, answer) }
  } catch (error) {
    return { ok: false, problem: unanswered(error) }
  }
}

/** Who is signed in with this browser, if anybody is. */
export async function session() {
  const shown = await call('GET', '/session')
  return shown.ok ? shown.value : undefined
}

/**
 * The commands that sign somebody in, for a shell that may be bash or zsh, in short lines. A shell reads
 * what stands in parentheses to its end before it runs any of it: pasted lines are no password. And the
 * cookie, which is as good as the password, is in a file that others cannot read.
 */
export function signInCommand(email, { mayHaveCode }) {
  return [
    '(',
    '  umask 077',
    `  email=${quoted(email)}`,
    '  read -rs password',
    ...(mayHaveCode ? withCode : withoutCode),
    '  | curl -c countersign.cookies \\',
    '    --json @- \\',
    `    ${api}/session`,
    '  curl -b countersign.cookies \\',
    `    ${api}/me`,
    ')',
  ].join('\n')
}

const withoutCode = [
  '  jq -Rc --arg email "$email" \\',
  "    '{$email, password: .}' \\",
  '    <<<"$password" \\',
]

/** A code that is empty is none. */
const withCode = [
  '  read -r code',
  '  jq -Rnc --arg email "$email" \\',
  "    '[inputs] | {$email, password: .[0]}",
  '      + if .[1] == "" then {}',
  "        else {code: .[1]} end' \\",
  '    <<<"$password"$\'\\n\'"$code" \\',
]

export const docs = `${api}/docs`

// Whoever invited chose the email: in a command, it must be nothing but text.
function quoted(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

async function read(response) {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A problem document (RFC 9457), or what can be said of an answer that is none. */
function problemIn(response, answer) {
  const traceId = answer?.trace_id ?? response.headers.get('trace-id') ?? undefined
  if (typeof answer?.detail === 'string') {
    const { code, title, detail, places = [] } = answer
    return { code, title, detail: sentence(detail), places, traceId }
  }
  const isAway = response.status === 502 || response.status === 503 || response.status === 504
  return {
    code: 'answer_unreadable',
    title: isAway ? 'The server cannot answer just now' : 'The server gave no sensible answer',
    detail: `Try again in a minute. (Status ${response.status})`,
    places: [],
    traceId,
  }
}

function unanswered(error) {
  const isLate = error instanceof DOMException && error.name === 'TimeoutError'
  return {
    code: 'unanswered',
    title: isLate ? 'The server did not answer in time' : 'The server could not be reached',
    detail: 'Look at your connection, and try again. What you typed is still here.',
    places: [],
    traceId: undefined,
  }
}

function sentence(text) {
  const start = text.slice(0, 1).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(start) ? start : `${start}.`
}
