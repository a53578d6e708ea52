import * as helpdesk from '../helpdesk-schemas.ts';
import * as schemas from '../schemas.ts';
import type { Operation } from './operation.ts';

const lifeVerb = <Path extends string>(path: Path, summary: string) =>
  ({
    method: 'POST',
    path: `/v1/tokens/{serial}/${path}`,
    summary,
    params: schemas.serialPath,
    body: schemas.lifeVerbRequest,
    status: 200,
    reply: schemas.tokenReply,
  }) as const;

/** What a person says of the own token. */
const ownWord = <Path extends string>(path: Path, summary: string) =>
  ({
    method: 'POST',
    path: `/v1/accounts/{id}/tokens/{serial}/${path}`,
    summary,
    params: schemas.ownTokenPath,
    body: schemas.lifeVerbRequest,
    status: 200,
    reply: schemas.ownTokenReply,
  }) as const;

/** Operations on codes and tokens. */
export const TOKENS_OPERATIONS = {
  verify: {
    method: 'POST',
    path: '/v1/verify',
    summary: 'Is this code good, once, for this token or account',
    body: schemas.verifyRequest,
    idempotent: true,
    status: 200,
    reply: schemas.verifyReply,
  },
  listTokens: {
    method: 'GET',
    path: '/v1/tokens',
    summary: 'Tokens by life, hold or account',
    query: schemas.tokenListQuery,
    status: 200,
    reply: schemas.tokenPage,
  },
  getToken: {
    method: 'GET',
    path: '/v1/tokens/{serial}',
    summary: 'One token, never its seed',
    params: schemas.serialPath,
    status: 200,
    reply: schemas.tokenReply,
  },
  registerToken: {
    method: 'POST',
    path: '/v1/tokens/{serial}/registration',
    summary: 'Bind a token to an account by two consecutive codes',
    params: schemas.serialPath,
    body: schemas.registrationRequest,
    status: 200,
    reply: schemas.twoCodesReply,
  },
  resyncToken: {
    method: 'POST',
    path: '/v1/tokens/{serial}/resync',
    summary: "Find a token's counter or drift again by two consecutive codes; lifts `locked`",
    params: schemas.serialPath,
    body: schemas.resyncRequest,
    status: 200,
    reply: schemas.twoCodesReply,
  },
  unlockToken: {
    method: 'POST',
    path: '/v1/tokens/{serial}/unlock',
    summary:
      'Lift `locked`, and `adminLocked` with scope tokens:admin; without that it needs a check ' +
      'of the caller and a reason',
    params: schemas.serialPath,
    body: helpdesk.unlockRequest,
    status: 200,
    reply: schemas.tokenReply,
  },
  lockToken: lifeVerb('lock', 'Set `adminLocked`'),
  enableToken: lifeVerb('enable', 'Lift `disabled`'),
  suspendToken: lifeVerb('suspend', 'Set `suspended`'),
  resumeToken: lifeVerb('resume', 'Lift `suspended`'),
  loseToken: lifeVerb('lost', 'Set `lost`'),
  findToken: lifeVerb('found', 'Lift `lost`'),
  revokeToken: lifeVerb('revoke', 'End the token for good'),
  resetTokenDrift: lifeVerb('reset-drift', "Forget what was learnt of a time token's clock"),
  replaceToken: {
    method: 'POST',
    path: '/v1/tokens/{serial}/replace',
    summary: 'Revoke the token and register a new one in its place, by two codes of the new one',
    params: schemas.serialPath,
    body: schemas.replacementRequest,
    status: 200,
    reply: schemas.replacementReply,
  },
  reportTokenLost: ownWord('lost', 'Report the own token lost: its codes are refused at once'),
  reportTokenFound: ownWord(
    'found',
    'Report found what was reported lost by its person: by a code of something else',
  ),
} as const satisfies Record<string, Operation>;
