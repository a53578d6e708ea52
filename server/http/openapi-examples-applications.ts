import type { ReplyOf } from '../../shared/wire/operations.ts';

/** Examples of the operations on applications and their API keys. */

const application = {
  id: '0123456789abcdef',
  name: 'VPN',
  scopes: ['verify'],
  allow: ['192.0.2.0/24'],
  keys: [
    {
      number: 1,
      state: 'live',
      createdAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2027-01-01T00:00:00.000Z',
      lastUsedAt: '2026-01-02T09:00:00.000Z',
    },
  ],
  lastUsedAt: '2026-01-02T09:00:00.000Z',
  createdAt: '2026-01-01T00:00:00.000Z',
} satisfies ReplyOf<'getApplication'>['application'];

export const APPLICATIONS_EXAMPLES = {
  listApplications: { reply: { items: [application], nextCursor: null } },
  addApplication: {
    body: { name: 'VPN', scopes: ['verify'], allow: ['192.0.2.0/24'], expiresIn: '365d' },
    reply: { id: '0123456789abcdef', apiKey: 'fobd_0123456789abcdef_SHOWN-ONCE' },
  },
  getApplication: { reply: { application } },
  rotateApplication: {
    body: { overlap: '7d' },
    reply: { apiKey: 'fobd_0123456789abcdef_SHOWN-ONCE', application },
  },
  allowApplication: { body: { allow: ['192.0.2.0/24'] }, reply: { application } },
  demandOfApplication: {
    body: { requiredStrength: 'hardwareToken' as const, reason: 'reaches the plant' },
    reply: { application: { ...application, requiredStrength: 'hardwareToken' as const } },
  },
  revokeApplication: {
    body: { reason: 'taken out of service' },
    reply: { application: { ...application, revokedAt: '2026-06-01T00:00:00.000Z' } },
  },
};
