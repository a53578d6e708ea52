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
  metrics: {
    method: 'GET',
    path: '/metrics',
    summary: "Prometheus' text format: decisions, latencies, the store, the process",
    status: 200,
    streamedReply: 'text/plain; version=0.0.4; charset=utf-8',
  },
} as const satisfies Record<string, Operation>;
