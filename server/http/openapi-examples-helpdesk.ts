import type { ErrorCode } from '../../shared/errors.ts';
import type { OperationId, ReplyOf } from '../../shared/wire/operations.ts';

/** Examples of the operations of the helpdesk and on Mobile IDs, and what each may refuse. */

const check = '0123456789abcdef';
const approval = {
  id: 'fedcba9876543210',
  account: 'jennifer',
  action: 'temporaryCode',
  terms: 'mobileId, 12h, once',
  check,
  reason: 'token left at home',
  askedBy: 'account:henry',
  askedAt: '2026-01-02T09:05:00.000Z',
  expiresAt: '2026-01-02T10:05:00.000Z',
} satisfies ReplyOf<'approve'>['approval'];
const grounds = { check, reason: 'token left at home', approval: approval.id };

export const HELPDESK_EXAMPLES = {
  createMobileId: {
    body: { credential: 'SO-10001-1-1.mobileId' },
    reply: {
      serial: 'MID-7Z3K9Q2M5X8R',
      uri: 'otpauth://totp/Fobtwin:MID-7Z3K9Q2M5X8R?secret=SHOWNONCE&issuer=Fobtwin',
      qrCode: '<svg xmlns="http://www.w3.org/2000/svg">...</svg>',
    },
  },
  confirmMobileId: {
    body: { code1: '755224', code2: '287082' },
    reply: { outcome: 'accepted' as const },
  },
  listCallBackNumbers: {
    reply: { numbers: [{ number: '+12025550123', since: '2025-03-01T12:00:00.000Z' }] },
  },
  checkCaller: {
    body: { method: 'code' as const, code: '755224' },
    reply: {
      outcome: 'accepted' as const,
      check: {
        id: check,
        account: 'jennifer',
        method: 'code' as const,
        by: 'account:henry',
        at: '2026-01-02T09:00:00.000Z',
        expiresAt: '2026-01-02T09:15:00.000Z',
      },
    },
  },
  giveTemporaryCode: {
    body: { ...grounds, life: '1d', strength: 'mobileId' as const, uses: 3 },
    reply: {
      expiresAt: '2026-01-03T09:10:00.000Z',
      strength: 'mobileId' as const,
      uses: 3,
      mailed: true,
    },
  },
  helpdeskReplacement: {
    body: { ...grounds, credential: 'SO-10001-1-1.hardwareToken', why: 'lost' as const },
    reply: {
      credential: 'SO-10001-1-1.hardwareToken',
      stage: 'registration',
      grantedAt: '2026-01-02T09:10:00.000Z',
    },
  },
  askApproval: {
    body: {
      action: 'temporaryCode' as const,
      ...{ check, reason: 'token left at home', strength: 'mobileId' as const, life: '12h' },
    },
    reply: { approval },
  },
  listApprovals: { reply: { items: [approval], nextCursor: null } },
  approve: {
    reply: {
      approval: {
        ...approval,
        approvedBy: 'account:ida',
        approvedAt: '2026-01-02T09:08:00.000Z',
      },
    },
  },
};

const GROUNDS = ['callerCheckRequired', 'approvalRequired'] as const;

export const HELPDESK_PROBLEMS = {
  createMobileId: [
    'notFound',
    'revoked',
    'notAllowedNow',
    'wrongProduct',
    'revokeFirst',
    'proofingRequired',
    'strengthTooLow',
  ],
  confirmMobileId: [
    'notFound',
    'alreadyRegistered',
    'revoked',
    'notAllowedNow',
    'wrongProduct',
    'revokeFirst',
    'proofingRequired',
  ],
  listCallBackNumbers: ['notFound'],
  checkCaller: ['notFound', 'notAllowedNow', 'callerCheckRequired'],
  giveTemporaryCode: ['notFound', 'notAllowedNow', ...GROUNDS],
  helpdeskReplacement: [
    'notFound',
    'revoked',
    'notAllowedNow',
    'wrongProduct',
    'outsideWarranty',
    ...GROUNDS,
  ],
  askApproval: ['callerCheckRequired', 'attemptsSpent'],
  approve: ['notFound', 'notAllowedNow'],
  unlockToken: ['notFound', 'revoked', 'notAllowedNow', ...GROUNDS],
} as const satisfies Partial<Record<OperationId, readonly ErrorCode[]>>;
