/** Kinds of CSV file, as `--dialect` and the parser's option name them. */
export const CSV_DIALECT_NAMES = [
  'fobtwin',
  'entra',
  'linotp',
  'privacyidea',
  'privacyidea-users',
  'pingid-hotp',
  'pingid-totp',
  'phenixid',
  'yubico',
] as const;
export type CsvDialectName = (typeof CSV_DIALECT_NAMES)[number];
