import {
  accountExplanationReply,
  accountExplanationRequest,
  explanationReply,
  explanationRequest,
} from '../explanation-schemas.ts';
import { accountPath, serialPath } from '../schemas.ts';
import type { Operation } from './operation.ts';

/** Operations that say why. */
export const EXPLANATIONS_OPERATIONS = {
  explainToken: {
    method: 'POST',
    path: '/v1/tokens/{serial}/explanation',
    summary: 'Why the last codes came to what they did, and what two codes would fit',
    params: serialPath,
    body: explanationRequest,
    status: 200,
    reply: explanationReply,
  },
  explainAccount: {
    method: 'POST',
    path: '/v1/accounts/{id}/explanation',
    summary: "Why an account's last codes came to what they did",
    params: accountPath,
    body: accountExplanationRequest,
    status: 200,
    reply: accountExplanationReply,
  },
} as const satisfies Record<string, Operation>;
