import { z } from 'zod';
import {
  body,
  nameField,
  page,
  reasonField,
  spanField,
  strengthField,
  timeField,
} from './fields.ts';

/** The bodies, queries and replies of `/v1/oidc`. */

const clientIdField = z
  .string({ error: 'wrongType' })
  .regex(/^[0-9a-f]{16}$/, 'badFormat')
  .meta({ description: '16 hexadecimal digits', example: '0123456789abcdef' });

/** Whole addresses; how each may look stands in `server/oidc/redirect-address.ts`. */
const addresses = z
  .array(z.string({ error: 'wrongType' }).max(2048, 'tooLong'), { error: 'wrongType' })
  .max(20, 'tooMany');

export const ID_TOKEN_ALGORITHMS = ['RS256', 'ES256'] as const;
const algorithm = z.enum(ID_TOKEN_ALGORITHMS, { error: 'notAllowed' });
const demanded = z.enum(strengthField.options, { error: 'notAllowed' });

export const oidcClientRequest = body({
  name: nameField,
  /** A program on a person's machine, or a page: it can keep no secret. */
  public: z.boolean({ error: 'wrongType' }).optional(),
  redirectUris: addresses.min(1, 'required'),
  postLogoutRedirectUris: addresses.optional(),
  /** Every authorization needs it. */
  requiredStrength: demanded.optional(),
  /** Every sign-in to it needs a proofed credential. */
  requiresProofing: z.boolean({ error: 'wrongType' }).optional(),
  /** What its ID tokens are signed with; RS256 unless given. */
  idTokenAlgorithm: algorithm.optional(),
});

/** What is left out stays; lists take the place of those there are. */
export const oidcClientChangeRequest = body({
  name: nameField.optional(),
  redirectUris: addresses.min(1, 'required').optional(),
  postLogoutRedirectUris: addresses.optional(),
  /** `null`: none any more. */
  requiredStrength: demanded.nullable().optional(),
  requiresProofing: z.boolean({ error: 'wrongType' }).optional(),
  idTokenAlgorithm: algorithm.optional(),
});

export const oidcSecretRotateRequest = body({
  /** How long the old secret works on; a day unless given, at most 90. */
  overlap: spanField.optional(),
});

/** Never its secret. */
export const oidcClientView = z.object({
  id: z.string(),
  name: z.string(),
  public: z.boolean(),
  redirectUris: z.array(z.string()),
  postLogoutRedirectUris: z.array(z.string()),
  requiredStrength: strengthField.optional(),
  requiresProofing: z.literal(true).optional(),
  idTokenAlgorithm: algorithm,
  /** When the secret before the newest ends; absent where there is none. */
  oldSecretUntil: timeField.optional(),
  createdAt: timeField,
});

export const oidcClientReply = z.object({ client: oidcClientView });
export const oidcClientPage = page(oidcClientView);
/** The secret is shown this once; only its SHA-256 is kept. A public client has none. */
export const oidcClientAddedReply = z.object({
  client: oidcClientView,
  clientSecret: z.string().optional(),
});
export const oidcSecretRotatedReply = z.object({
  client: oidcClientView,
  clientSecret: z.string(),
});
export const oidcClientPath = body({ id: clientIdField });

/** Its public part stands at `/oidc/jwks`. */
export const oidcKeyView = z.object({
  keyId: z.string(),
  algorithm,
  /** `next`: published before it is used. `published`: signs no more. */
  use: z.enum(['next', 'signs', 'published']),
  createdAt: timeField,
  usedFrom: timeField,
  publishedUntil: timeField.optional(),
});

export const oidcKeysReply = z.object({ keys: z.array(oidcKeyView) });

export const oidcKeysRotateRequest = body({
  /** How long the new keys are published before they are used; a day unless given, at most 30. */
  delay: spanField.optional(),
  /** The old keys are known to others: they are gone at once. */
  dropOld: z.boolean({ error: 'wrongType' }).optional(),
  reason: reasonField.optional(),
});
