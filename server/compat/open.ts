import type { Rng } from '../../shared/rng.ts';
import type { AddressRange } from '../access/address.ts';
import type { Mount } from '../http/dependencies.ts';
import { createSources } from '../http/source.ts';
import { createSourceLimit } from '../http/source-limit.ts';
import { deriveKey } from '../vault/keys.ts';
import { type CompatParts, createCompatApp } from './app.ts';

export type CompatGiven = Omit<CompatParts, 'key' | 'sourceLimit' | 'sourceOf'> & {
  readonly rng: Rng;
  /** Milliseconds that only go forward. */
  readonly elapsedMillis: () => number;
  /** 32 bytes: what service tokens are signed with is derived from it. */
  readonly rootKey: Uint8Array;
  readonly trustedProxies: readonly AddressRange[];
};

/** The drop-in API, beside /v1: it has `/validate`, `/auth` and `/token`. */
export function openCompat({ rootKey, trustedProxies, ...parts }: CompatGiven): Mount {
  const app = createCompatApp({
    ...parts,
    key: deriveKey(rootKey, 'compat/serviceTokens'),
    sourceLimit: createSourceLimit(parts),
    sourceOf: createSources(trustedProxies),
  });
  return { path: '/', app };
}
