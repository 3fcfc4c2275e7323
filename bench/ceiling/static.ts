/** What a Hono server needs to answer with the same bytes each time: those of a file. */
import { readFile } from 'node:fs/promises'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const body = await readFile(process.argv[2] ?? '', 'utf8')
const headers = { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' }

const app = new Hono().get('/jwks', () => new Response(body, { headers }))

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env['PORT']) })
process.on('disconnect', () => process.exit())
