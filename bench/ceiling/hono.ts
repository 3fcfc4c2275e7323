/** The ceiling: the least that a token endpoint on Hono can do. */
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { answerTo, jwks, responseHeaders } from './token-endpoint.ts'

const app = new Hono()
  .post('/oauth2/token', async (c) => {
    const [status, body] = answerTo(c.req.header('authorization') ?? '', await c.req.text())
    return new Response(body ?? null, { status, headers: responseHeaders })
  })
  .get('/jwks', (c) => c.json(jwks))

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env['PORT']) })
process.on('disconnect', () => process.exit())
