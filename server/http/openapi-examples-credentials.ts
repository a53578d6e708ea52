import type { ErrorCode } from '../../shared/errors.ts';
import type { OperationId, ReplyOf } from '../../shared/wire/operations.ts';

/** Examples of the operations on credentials and subscriptions, and what each may refuse. */

const term = {
  product: 'hardware-token',
  purchasedAt: '2026-01-01T10:00:00.000Z',
  expiresAt: '2027-01-01T10:00:00.000Z',
  revokesAt: '2028-01-01T10:00:00.000Z',
  status: 'active',
  renewable: true,
  daysLeft: 12,
} as const;

const credential = {
  id: 'SO-10001-1-1.hardwareToken',
  subscription: 'SO-10001-1-1',
  account: 'jennifer',
  type: 'hardwareToken',
  stage: 'active',
  proofing: 'notBought',
  activationCodeNeeded: false,
  serial: 'FT00000001',
  createdAt: '2026-01-05T09:00:00.000Z',
  activatedAt: '2026-01-05T09:01:00.000Z',
  registeredAt: '2026-01-05T09:05:00.000Z',
  ...term,
} satisfies ReplyOf<'getCredential'>['credential'];

const redeemed = {
  id: credential.id,
  subscription: credential.subscription,
  account: 'jennifer',
  type: 'hardwareToken',
  stage: 'activation',
  proofing: 'notBought',
  activationCodeNeeded: false,
  createdAt: '2026-01-05T09:00:00.000Z',
  ...term,
} satisfies ReplyOf<'getCredential'>['credential'];

const subscription = {
  id: 'SO-10001-1-1',
  order: 'SO-10001',
  types: ['hardwareToken'],
  proofing: false,
  purchaser: 'jennifer',
  account: 'jennifer',
  redeemedAt: '2026-01-05T09:00:00.000Z',
  renewals: 0,
  underWarranty: false,
  credentials: [
    { id: credential.id, type: 'hardwareToken', stage: 'active', serial: 'FT00000001' },
  ],
  ...term,
} satisfies ReplyOf<'getSubscription'>['subscription'];

const page = { items: [subscription], nextCursor: null };
const codes = { code1: '755224', code2: '287082' };

export const CREDENTIALS_EXAMPLES = {
  redeemLicenceKey: {
    body: { licenceKey: '0ABCD-EFGH1-JKMN2-PQRS3-TVWX4' },
    reply: { items: [redeemed] },
  },
  listCredentials: { reply: { items: [credential] } },
  getCredential: { reply: { credential } },
  activateCredential: {
    body: { activationCode: '0ABCD-EFGH1-JKMN2' },
    reply: { credential: { ...redeemed, stage: 'registration' as const } },
  },
  registerCredentialToken: {
    body: { serial: 'FT00000001', ...codes },
    reply: { outcome: 'accepted' as const, credential, warnings: [] },
  },
  replaceCredentialToken: {
    body: { reason: 'err' as const },
    reply: {
      credential: {
        ...credential,
        replacement: {
          grantedAt: '2026-01-20T09:00:00.000Z',
          reason: 'err' as const,
          proofAnew: false,
        },
      },
    },
  },
  revokeCredential: {
    body: { confirmed: true },
    reply: {
      credential: {
        ...credential,
        stage: 'revoked' as const,
        revokedAt: '2026-06-01T09:00:00.000Z',
      },
    },
  },
  listRenewals: { reply: page },
  listOrganisationSubscriptions: { reply: page },
  listSubscriptions: { reply: page },
  getSubscription: { reply: { subscription } },
};

export const CREDENTIALS_PROBLEMS: Readonly<Partial<Record<OperationId, readonly ErrorCode[]>>> = {
  redeemLicenceKey: [
    'licenceKeyUnknown',
    'licenceKeyUsed',
    'notFound',
    'revoked',
    'notAllowedNow',
    'strengthTooLow',
  ],
  getCredential: ['notFound'],
  activateCredential: [
    'notFound',
    'activationRefused',
    'attemptsSpent',
    'proofingRequired',
    'notAllowedNow',
    'revoked',
  ],
  registerCredentialToken: [
    'notFound',
    'wrongProduct',
    'revokeFirst',
    'proofingRequired',
    'alreadyRegistered',
    'notAllowedNow',
    'revoked',
  ],
  replaceCredentialToken: [
    'notFound',
    'wrongProduct',
    'outsideWarranty',
    'proofingRequired',
    'notAllowedNow',
    'revoked',
  ],
  revokeCredential: ['notFound', 'confirmationRequired', 'revoked'],
  getSubscription: ['notFound'],
};
