import { ERROR_CODES, type ErrorCode } from '../../shared/errors.ts';
import type { Operation, OperationId } from '../../shared/wire/operations.ts';
import { MATRIX } from '../access/matrix.ts';
import { CREDENTIALS_PROBLEMS } from './openapi-examples-credentials.ts';
import { HELPDESK_PROBLEMS } from './openapi-examples-helpdesk.ts';
import { NOTICES_PROBLEMS } from './openapi-examples-notices.ts';
import { PROOFING_PROBLEMS } from './openapi-examples-proofing.ts';

/** Which refusals the document names with each operation. */

/** What can be refused of a line of a cart or an order. */
const OF_LINES = [
  'notFound',
  'renewalNotOffered',
  'renewInstead',
  'purchaseInstead',
  'wrongProduct',
  'confirmationRequired',
] as const;

/** What can be refused of a change of a token's life or holds. */
const OF_LIVES = ['notFound', 'revoked', 'notAllowedNow'] as const;

/** What can be refused beyond what follows from a row's schemas and checks. */
const OWN_PROBLEMS: Readonly<Partial<Record<OperationId, readonly ErrorCode[]>>> = {
  importSeedFile: [
    'notAllowedNow',
    'malformedBody',
    'bodyTooLarge',
    'unsupportedMediaType',
    'invalidInput',
  ],
  exportSeedFile: ['notFound', 'notAllowedNow'],
  getToken: ['notFound'],
  registerToken: ['notFound', 'alreadyRegistered', 'revoked', 'notAllowedNow'],
  resyncToken: ['notFound', 'revoked'],
  ...CREDENTIALS_PROBLEMS,
  ...HELPDESK_PROBLEMS,
  lockToken: OF_LIVES,
  enableToken: OF_LIVES,
  suspendToken: OF_LIVES,
  resumeToken: OF_LIVES,
  loseToken: OF_LIVES,
  findToken: OF_LIVES,
  revokeToken: OF_LIVES,
  resetTokenDrift: OF_LIVES,
  replaceToken: ['notFound', 'revoked', 'alreadyRegistered', 'notAllowedNow'],
  reportTokenLost: OF_LIVES,
  reportTokenFound: [...OF_LIVES, 'strengthTooLow'],
  addAccount: ['exists'],
  getApplication: ['notFound'],
  rotateKeys: ['notAllowedNow'],
  rewrapKeys: ['notAllowedNow'],
  addApplication: ['exists', 'notAllowedNow'],
  rotateApplication: ['notFound', 'revoked', 'notAllowedNow'],
  getAccount: ['notFound'],
  changeAccount: ['notFound'],
  disableAccount: ['notFound', 'notAllowedNow'],
  enableAccount: ['notFound', 'notAllowedNow'],
  setPassword: ['notFound', 'notAllowedNow'],
  removePassword: ['notFound', 'notAllowedNow'],
  elevateSession: ['notFound'],
  beginSession: ['notFound', 'notAllowedNow'],
  getOidcClient: ['notFound'],
  addOidcClient: ['exists', 'notAllowedNow'],
  changeOidcClient: ['notFound'],
  rotateOidcClientSecret: ['notFound', 'notAllowedNow'],
  removeOidcClient: ['notFound'],
  rotateOidcKeys: ['notAllowedNow'],
  addPhone: [
    'notFound',
    'notAllowedNow',
    'exists',
    'phoneUnusable',
    'phoneCountryMismatch',
    'phonesFull',
    'strengthTooLow',
  ],
  verifyPhone: ['notFound', 'notAllowedNow', 'codeExpired', 'strengthTooLow'],
  sendPhoneCode: [
    'notFound',
    'notAllowedNow',
    'phoneUnusable',
    'phoneCountryMismatch',
    'strengthTooLow',
  ],
  removePhone: ['notFound', 'notAllowedNow', 'strengthTooLow'],
  listProducts: ['notFound'],
  getCart: ['notFound'],
  putCart: OF_LINES,
  placeOrder: [...OF_LINES, 'disclaimerRequired', 'exists', 'notAllowedNow'],
  getAccountOrder: ['notFound'],
  cancelAccountOrder: ['notFound', 'notAllowedNow'],
  sendLicenceKeys: ['notFound', 'orderUnpaid', 'notAllowedNow', 'attemptsSpent'],
  getOrder: ['notFound'],
  payOrder: ['notFound'],
  shipOrder: ['notFound', 'orderUnpaid', 'notAllowedNow'],
  cancelOrder: ['notFound', 'notAllowedNow'],
  receivePaymentEvent: [
    'notFound',
    'forbidden',
    'malformedBody',
    'bodyTooLarge',
    'unsupportedMediaType',
    'unavailable',
  ],
  ...PROOFING_PROBLEMS,
  ...NOTICES_PROBLEMS,
  createBackup: ['notAllowedNow'],
  explainToken: ['notFound', 'revoked', 'notAllowedNow'],
  explainAccount: ['notFound'],
  retainAudit: ['notAllowedNow'],
  allowApplication: ['notFound', 'revoked'],
  demandOfApplication: ['notFound', 'revoked'],
  revokeApplication: ['notFound', 'revoked'],
};

/** What every operation that needs an API key can answer. */
const GUARDED = ['unauthenticated', 'forbidden', 'tooManyRequests', 'unavailable'] as const;

/** In the order of `ERROR_CODES`. */
export function refusals(id: OperationId, row: Operation): readonly ErrorCode[] {
  const codes = new Set<ErrorCode>(['internal', ...(OWN_PROBLEMS[id] ?? [])]);
  const isGuarded = MATRIX[id].scopes.length > 0;
  if (isGuarded) for (const code of GUARDED) codes.add(code);
  if (row.params !== undefined || row.query !== undefined) codes.add('invalidInput');
  if (row.body !== undefined) {
    const ofBodies = [
      'malformedBody',
      'bodyTooLarge',
      'unsupportedMediaType',
      'invalidInput',
    ] as const;
    for (const code of ofBodies) codes.add(code);
  }
  return ERROR_CODES.filter((code) => codes.has(code));
}
