import type { ReplyOf } from '../../shared/wire/operations.ts';

/** Examples of the operations on `/v1/oidc`. */

const client = {
  id: '0123456789abcdef',
  name: 'Timesheets',
  public: false,
  redirectUris: ['https://timesheets.example.com/callback'],
  postLogoutRedirectUris: ['https://timesheets.example.com/'],
  requiredStrength: 'password',
  idTokenAlgorithm: 'RS256',
  createdAt: '2026-01-01T00:00:00.000Z',
} satisfies ReplyOf<'getOidcClient'>['client'];

const key = {
  keyId: 'n8Vf0cQ1mX2rYt5uZk7AbQ',
  algorithm: 'RS256',
  use: 'signs',
  createdAt: '2026-01-01T00:00:00.000Z',
  usedFrom: '2026-01-01T00:00:00.000Z',
} satisfies ReplyOf<'listOidcKeys'>['keys'][number];

const clientSecret = 'SHOWN-ONCE';

export const OIDC_EXAMPLES = {
  listOidcClients: { reply: { items: [client], nextCursor: null } },
  getOidcClient: { reply: { client } },
  addOidcClient: {
    body: {
      name: 'Timesheets',
      redirectUris: ['https://timesheets.example.com/callback'],
      postLogoutRedirectUris: ['https://timesheets.example.com/'],
      requiredStrength: 'password' as const,
    },
    reply: { client, clientSecret },
  },
  changeOidcClient: {
    body: { requiredStrength: 'hardwareToken' as const },
    reply: { client: { ...client, requiredStrength: 'hardwareToken' as const } },
  },
  rotateOidcClientSecret: {
    body: { overlap: '7d' },
    reply: { client: { ...client, oldSecretUntil: '2026-06-08T00:00:00.000Z' }, clientSecret },
  },
  removeOidcClient: { reply: { client } },
  listOidcKeys: { reply: { keys: [key] } },
  rotateOidcKeys: {
    body: { delay: '1d', reason: 'yearly' },
    reply: {
      keys: [
        { ...key, publishedUntil: '2026-06-09T00:00:00.000Z' },
        {
          ...key,
          keyId: 'p0Wg1dR2nY3sZu6vAl8BcR',
          use: 'next' as const,
          createdAt: '2026-06-01T00:00:00.000Z',
          usedFrom: '2026-06-02T00:00:00.000Z',
        },
      ],
    },
  },
};
