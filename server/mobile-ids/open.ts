import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { Store } from '../store/port.ts';
import type { TokenService } from '../tokens/port.ts';
import type { Vault } from '../vault/port.ts';
import { endExpiredSetups } from './expire.ts';
import type { MobileIdService } from './port.ts';
import { createMobileIdService } from './service.ts';

export interface MobileIdParts {
  readonly store: Store;
  readonly vault: Vault;
  readonly tokens: Pick<TokenService, 'register'>;
  readonly rng: Rng;
  readonly options: { readonly mobileIdIssuer?: string | undefined };
}

/** Who stands beside the codes in an app, unless `--mobile-id-issuer` says it. */
const DEFAULT_ISSUER = 'Fobtwin';

export interface MobileIds {
  readonly mobileIds: MobileIdService;
  /** What falls due: see `endExpiredSetups`. */
  readonly mobileIdJob: {
    readonly name: string;
    run(now: UnixMillis, options?: { readonly stepwise?: boolean }): Promise<void>;
  };
}

export function openMobileIds({ store, vault, tokens, rng, options }: MobileIdParts): MobileIds {
  const { mobileIdIssuer: issuer = DEFAULT_ISSUER } = options;
  return {
    mobileIds: createMobileIdService({ store, vault, tokens, rng, issuer }),
    mobileIdJob: {
      name: 'Mobile IDs that were never confirmed',
      run: (now, options = {}) => endExpiredSetups(now, options, store),
    },
  };
}
