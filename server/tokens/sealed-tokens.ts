import type { SealedRecords } from '../vault/port.ts';
import { TOKENS, type TokenRecord } from './record.ts';

/** Tokens as rotation sees them: where each one's seed is, and what it is bound to. */
export const SEALED_TOKENS: SealedRecords<TokenRecord> = {
  kind: TOKENS,
  idOf: ({ serial }) => serial,
  sealedSeedOf: ({ sealedSeed }) => sealedSeed,
  contextOf: ({ serial, parameters }) => ({ serial, parameters }),
  withSealedSeed: (token, sealedSeed) => ({ ...token, sealedSeed }),
};
