import * as schemas from '../schemas.ts';
import type { Operation } from './operation.ts';

/** Operations on the process itself. */
export const HEALTH_OPERATIONS = {
  healthz: {
    method: 'GET',
    path: '/healthz',
    summary: 'Is the process alive',
    status: 200,
    reply: schemas.health,
  },
  readyz: {
    method: 'GET',
    path: '/readyz',
    summary: 'Can it take requests now',
    status: 200,
    reply: schemas.health,
  },
} as const satisfies Record<string, Operation>;
