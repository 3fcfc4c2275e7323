import { existsSync } from 'node:fs'
import type { Answer, Asked, Client } from './client.ts'
import { curl, pythonHas, pythonScript, run } from './programs.ts'

export const debianClients: readonly Client[] = [
  {
    name: 'python3-authlib',
    isInstalled: pythonHas('authlib.integrations.requests_client'),
    fetchToken: fetchWithPython('authlib_client.py'),
    refusals: sameFor('OAuthError'),
  },
  {
    name: 'python3-requests-oauthlib',
    isInstalled: pythonHas('requests_oauthlib'),
    fetchToken: fetchWithPython('requests_oauthlib_client.py'),
    refusals: { ...sameFor('InvalidClientError'), request: 'CustomOAuth2Error' },
  },
  {
    name: 'curl',
    isInstalled: existsSync(curl),
    fetchToken: fetchWithCurl,
    // What --fail-with-body ends with when the server says 400 or more.
    refusals: sameFor('exit code 22'),
  },
]

function sameFor(type: string): Client['refusals'] {
  return { client_secret_basic: type, client_secret_post: type, request: type }
}

function fetchWithPython(name: string): Client['fetchToken'] {
  const ask = pythonScript(name)
  return async ({ issuer, client, method, parameters }) => {
    const asked = {
      token_endpoint: `${issuer}/oauth2/token`,
      client_id: client.id,
      client_secret: client.secret,
      method,
      parameters,
    }
    return (await ask(asked)) as Answer
  }
}

async function fetchWithCurl({ issuer, client, method, parameters }: Asked): Promise<Answer> {
  const credentials =
    method === 'client_secret_basic'
      ? ['--user', `${client.id}:${client.secret}`]
      : ['--data', `client_id=${client.id}`, '--data', `client_secret=${client.secret}`]
  const body = Object.entries({ grant_type: 'client_credentials', ...parameters }).flatMap(
    ([name, value]) => ['--data-urlencode', `${name}=${value}`],
  )
  const args = ['-sS', '--fail-with-body', ...credentials, ...body, `${issuer}/oauth2/token`]
  const { code, stdout } = await run([curl, ...args])
  const answer = JSON.parse(stdout)
  if (code === 0) return { response: answer }
  return { refused: { type: `exit code ${code}`, error: answer.error } }
}
