import { FobtwinError } from '../../shared/errors.ts';

/** What lies in the store is not what was written. `detail` is told to the log alone. */
export const damaged = (detail: string, cause?: unknown): FobtwinError =>
  new FobtwinError('dataDirectoryDamaged', 'The store in the data directory is damaged.', {
    nextStep: 'Restore the data directory from a backup.',
    detail,
    cause,
  });
