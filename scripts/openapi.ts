/** Prints the OpenAPI document of the management API, as a server at the given issuer serves it. */
import { openApiDocument } from '../src/http/api/openapi/openapi.ts'
import { apiRoutes } from '../src/http/api/routes.ts'

const [issuer = 'https://id.example.com'] = process.argv.slice(2)
process.stdout.write(`${JSON.stringify(openApiDocument(apiRoutes, issuer), undefined, 2)}\n`)
