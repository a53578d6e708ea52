import * as schemas from '../keys-schemas.ts';
import type { Operation } from './operation.ts';

/** Operations on data and master keys. */
export const KEYS_OPERATIONS = {
  listKeys: {
    method: 'GET',
    path: '/v1/keys',
    summary: 'Data keys with the number of seeds under each, never a key itself',
    status: 200,
    reply: schemas.keyList,
  },
  getKeyRotation: {
    method: 'GET',
    path: '/v1/keys/rotation',
    summary: 'How the exchange of the data key goes',
    status: 200,
    reply: schemas.rotationReply,
  },
  rotateKeys: {
    method: 'POST',
    path: '/v1/keys/rotation',
    summary: 'Exchange the data key, in the background; goes on with what was begun',
    status: 200,
    reply: schemas.rotationReply,
  },
  rewrapKeys: {
    method: 'POST',
    path: '/v1/keys/rewrap',
    summary: "Exchange the master key; over the owner's own socket only",
    body: schemas.rewrapRequest,
    status: 200,
    reply: schemas.rewrapReply,
  },
} as const satisfies Record<string, Operation>;
