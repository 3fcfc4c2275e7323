/** The least that a token endpoint can do without any framework, on Node's own HTTP server. */
import { createServer } from 'node:http'
import { answerTo, jwks, responseHeaders } from './token-endpoint.ts'

createServer((request, response) => {
  if (request.method === 'GET') {
    const keys = JSON.stringify(jwks)
    response.writeHead(200, { ...responseHeaders, 'content-length': keys.length }).end(keys)
    return
  }
  let form = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => (form += chunk))
  request.on('end', () => {
    const [status, body = ''] = answerTo(request.headers.authorization ?? '', form)
    response.writeHead(status, { ...responseHeaders, 'content-length': body.length }).end(body)
  })
}).listen(Number(process.env['PORT']), '127.0.0.1')
process.on('disconnect', () => process.exit())
