import type { ApiRoute } from './route.ts'
import { serviceAccountRoutes } from './service-accounts.ts'

/** Every route of the management API, noun by noun: a room exports its own, and stands here. */
export const apiRoutes: readonly ApiRoute[] = [...serviceAccountRoutes]
