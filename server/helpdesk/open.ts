import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { CredentialService } from '../credentials/port.ts';
import type { NoticeWriter } from '../notices/port.ts';
import type { Store } from '../store/port.ts';
import { removeOver } from '../store/sweep.ts';
import type { TokenService } from '../tokens/port.ts';
import { deriveKey } from '../vault/keys.ts';
import { tellUntold } from './carry-out.ts';
import { DEFAULT_HELPDESK, type HelpdeskOptions } from './options.ts';
import type { HelpdeskService } from './port.ts';
import { APPROVALS, CALLER_CHECKS } from './record.ts';
import { createHelpdeskService } from './service.ts';

export interface HelpdeskParts {
  readonly store: Store;
  readonly tokens: TokenService;
  readonly credentials: CredentialService;
  readonly notices: NoticeWriter;
  readonly rng: Rng;
  /** 32 bytes: keys are derived from it before this returns. */
  readonly rootKey: Uint8Array;
  readonly options: { readonly helpdesk?: HelpdeskOptions | undefined };
}

export interface Helpdesk {
  readonly helpdesk: HelpdeskService;
  /** Tells what was left untold, and removes what is long over. */
  readonly helpdeskJob: { readonly name: string; run(now: UnixMillis): Promise<void> };
}

/** What is over stays so long in the lists; the audit log has it for good. */
const KEPT_MILLIS = 30 * 86_400_000;

export function openHelpdesk({
  store,
  tokens,
  credentials,
  notices,
  rng,
  rootKey,
  options: { helpdesk: options = DEFAULT_HELPDESK },
}: HelpdeskParts): Helpdesk {
  const codeKey = deriveKey(rootKey, 'issuedCodes');
  const parts = { store, tokens, credentials, notices, rng, codeKey, options };
  return {
    helpdesk: createHelpdeskService(parts),
    helpdeskJob: {
      name: 'checks of callers, and approvals',
      async run(now) {
        await tellUntold(now, { store, notices });
        const isOver = ({ expiresAt }: { readonly expiresAt: UnixMillis }): boolean =>
          now - expiresAt > KEPT_MILLIS;
        await removeOver(store, CALLER_CHECKS, isOver);
        await removeOver(store, APPROVALS, isOver);
      },
    },
  };
}
