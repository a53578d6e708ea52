import type { BodyOf, ReplyOf } from '../../shared/wire/operations.ts';

/** Examples of the operations on phones. */

const phone = {
  id: '3f1c5b0e9a7d4e62',
  number: '+1 •••• •••123',
  country: 'US',
  kind: 'text',
  addedAt: '2026-01-01T00:00:00.000Z',
} satisfies ReplyOf<'listPhones'>['phones'][number];

const proved = { ...phone, verifiedAt: '2026-01-01T00:00:20.000Z' };

const sent = {
  phone: phone.id,
  purpose: 'signIn',
  expiresAt: '2026-01-01T00:02:00.000Z',
  resendAt: '2026-01-01T00:00:30.000Z',
} satisfies ReplyOf<'sendPhoneCode'>['sent'];

const recommendation = 'addSecond' as const;

export const PHONES_EXAMPLES = {
  listPhones: { reply: { phones: [proved], recommendation } },
  addPhone: {
    body: { number: '(202) 555-0123', country: 'US', kind: 'text' } satisfies BodyOf<'addPhone'>,
    reply: { phone, sent: { ...sent, purpose: 'verification' as const }, recommendation },
  },
  verifyPhone: {
    body: { code: '755224' },
    reply: { outcome: 'accepted' as const, phone: proved, recommendation },
  },
  sendPhoneCode: { body: {}, reply: { sent } },
  removePhone: { reply: { phones: [proved], recommendation } },
  listTexts: {
    reply: {
      items: [
        {
          at: '2026-01-01T00:00:00.000Z',
          id: '9b1c77aa3f2a91c09b1c77aa3f2a91c0',
          to: '+12025550123',
          country: 'US',
          kind: 'text' as const,
          text: 'Your code to sign in is 755224. It is valid for two minutes. Give it to nobody.',
        },
      ],
      nextCursor: null,
    },
  },
};
