import type { HeaderDialect, PositionalDialect } from './csv-dialect.ts';
import { ENTRA_DIALECT } from './csv-entra.ts';
import {
  LINOTP_DIALECT,
  PHENIXID_DIALECT,
  PINGID_HOTP_DIALECT,
  PINGID_TOTP_DIALECT,
  PRIVACYIDEA_DIALECT,
  PRIVACYIDEA_USERS_DIALECT,
} from './csv-oath.ts';
import { OWN_DIALECT } from './csv-own.ts';
import { YUBICO_DIALECT } from './csv-yubico.ts';

/** Kinds of CSV file; where each comes from stands beside it. */
export const HEADER_DIALECTS: readonly HeaderDialect[] = [OWN_DIALECT, ENTRA_DIALECT];

export const POSITIONAL_DIALECTS: readonly PositionalDialect[] = [
  LINOTP_DIALECT,
  PRIVACYIDEA_DIALECT,
  PRIVACYIDEA_USERS_DIALECT,
  PINGID_HOTP_DIALECT,
  PINGID_TOTP_DIALECT,
  PHENIXID_DIALECT,
  YUBICO_DIALECT,
];
