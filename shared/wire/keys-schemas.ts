import { z } from 'zod';
import { body, timeField } from './fields.ts';

/** The bodies and replies of /v1/keys. */

export const dataKeyView = z.object({
  id: z.string(),
  createdAt: timeField.optional(),
  /** New seeds are sealed with this one. */
  current: z.boolean(),
  /** How many seeds are sealed with it. */
  seeds: z.int(),
});
export const keyList = z.object({
  /** The master key's fingerprint. */
  masterKey: z.string(),
  dataKeys: z.array(dataKeyView),
});

/** How the exchange of the data key goes. */
export const rotationView = z.object({
  /** The data key that new seeds are sealed with. */
  dataKey: z.string(),
  /** `paused`: nobody is at it; asking for a rotation, or `fobd serve`, goes on with it. */
  state: z.enum(['running', 'paused', 'done']),
  startedAt: timeField,
  finishedAt: timeField.optional(),
  /** Seeds sealed anew so far, and still to come; the latter once they are counted. */
  resealed: z.int(),
  remaining: z.int().optional(),
  /** Seeds that do not open: they keep their data key. */
  unreadable: z.int(),
});
/** `null`: the data key was never exchanged. */
export const rotationReply = z.object({ rotation: rotationView.nullable() });

export const rewrapRequest = body({
  /** The new master key: 64 hexadecimal digits. */
  masterKey: z.string({ error: 'wrongType' }).regex(/^[0-9a-fA-F]{64}$/, 'badFormat'),
});
/** Fingerprints of master keys. */
export const rewrapReply = z.object({ from: z.string(), to: z.string() });
