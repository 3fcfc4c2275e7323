/**
 * Answers whatever it is asked with the same bytes, over bare sockets: what the load generator can
 * drive at all. Were that close to what a server reaches, the generator would be what is measured.
 */
import { createServer } from 'node:net'

const token = ['h'.repeat(120), 'c'.repeat(500), 's'.repeat(86)].join('.')
const body = JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 900 })
const response = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`

createServer((socket) => {
  socket.setNoDelay()
  socket.on('error', () => undefined)
  // Requests are small and come one at a time on a connection: a chunk is a request.
  socket.on('data', () => socket.write(response))
}).listen(Number(process.env['PORT']), '127.0.0.1')
process.on('disconnect', () => process.exit())
