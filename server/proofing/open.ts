import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import { ACTIVATION_CODE_PURPOSE } from '../credentials/activation-code.ts';
import type { NoticeWriter } from '../notices/port.ts';
import type { Store } from '../store/port.ts';
import { deriveKey } from '../vault/keys.ts';
import type { ProofingOptions } from './options.ts';
import type { ProofingService } from './port.ts';
import { createHttpProvider } from './provider-http.ts';
import { createProofingService } from './service.ts';

export interface ProofingParts {
  readonly store: Pick<Store, 'transact' | 'scan'>;
  readonly notices: NoticeWriter;
  /** Undefined: nobody asks questions, and live video alone is offered. */
  readonly options: ProofingOptions | undefined;
  readonly systemClock: Clock;
  /** 32 bytes: keys are derived from it before this returns. */
  readonly rootKey: Uint8Array;
  readonly rng: Rng;
  readonly log: { warn?(details: object, message: string): void };
}

export function openProofing({
  store,
  notices,
  options,
  systemClock,
  rootKey,
  rng,
  log,
}: ProofingParts): ProofingService {
  const onFailure = (reason: string) =>
    log.warn?.({ reason }, 'the provider of proofing questions failed');
  return createProofingService({
    store,
    notices,
    provider: options && createHttpProvider(options, { systemClock, rng, onFailure }),
    activationKey: deriveKey(rootKey, ACTIVATION_CODE_PURPOSE),
    rng,
  });
}
