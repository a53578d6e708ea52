import * as schemas from '../schemas.ts';
import type { Operation } from './operation.ts';

/** Operations of a lab alone. */
export const LAB_OPERATIONS = {
  getClock: {
    method: 'GET',
    path: '/lab/clock',
    summary: "The lab's clock",
    status: 200,
    reply: schemas.clockReply,
  },
  moveClock: {
    method: 'POST',
    path: '/lab/clock',
    summary: "Move the lab's clock forward, freeze it or let it tick",
    body: schemas.clockRequest,
    status: 200,
    reply: schemas.clockReply,
  },
} as const satisfies Record<string, Operation>;
