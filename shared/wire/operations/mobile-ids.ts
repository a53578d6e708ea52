import * as mobileIds from '../mobile-ids-schemas.ts';
import * as schemas from '../schemas.ts';
import type { Operation } from './operation.ts';

/** Operations on Mobile IDs. Once confirmed, one is a token like others. */
export const MOBILE_IDS_OPERATIONS = {
  createMobileId: {
    method: 'POST',
    path: '/v1/accounts/{id}/mobile-ids',
    summary: 'Make a Mobile ID for an authenticator app, shown this once; ends one that waits',
    params: schemas.accountPath,
    body: mobileIds.mobileIdRequest,
    status: 201,
    reply: mobileIds.mobileIdReply,
  },
  confirmMobileId: {
    method: 'POST',
    path: '/v1/accounts/{id}/mobile-ids/{serial}/confirmation',
    summary: 'Take a Mobile ID up by two consecutive codes of the app',
    params: schemas.ownTokenPath,
    body: mobileIds.mobileIdConfirmationRequest,
    status: 200,
    reply: schemas.twoCodesReply,
  },
} as const satisfies Record<string, Operation>;
