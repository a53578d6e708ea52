/** Of every file that we write. */
export const BASE_COLUMNS = ['serial', 'seed', 'algorithm', 'digits', 'period', 'counter'] as const;

/** Where there are such. */
export const LABEL_COLUMNS = ['account', 'manufacturer', 'model', 'issuer'] as const;

export const WRITTEN_COLUMNS = [...BASE_COLUMNS, ...LABEL_COLUMNS] as const;

/** Microsoft Entra ID's, in its order. */
export const ENTRA_COLUMNS = [
  'upn',
  'serial number',
  'secret key',
  'time interval',
  'manufacturer',
  'model',
] as const;
