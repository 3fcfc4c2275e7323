import { milliseconds } from './time.ts'

/** Memory this young answers without a question. */
export const freshAgeMax = milliseconds(1500)
