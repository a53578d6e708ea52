import { z } from 'zod';
import { FobtwinError } from '../../shared/errors.ts';

/** The form of a data directory that this version reads and writes. */
export const FORMAT = 4;

/** Longest `format.json` that is read; a real one is under 300 bytes. */
export const FORMAT_FILE_BYTES_MAX = 4096;

const formatSchema = z.strictObject({
  format: z.literal(FORMAT),
  lab: z.boolean(),
  storeId: z.string().regex(/^[0-9a-f]{16}$/),
  rootKey: z.string().min(1).max(400),
  masterKey: z
    .string()
    .regex(/^[0-9a-f]{8}$/)
    .exactOptional(),
});

/** What `format.json` says: written last by `init`; changed by `key rewrap` and an upgrade. */
export interface FormatFile {
  readonly format: typeof FORMAT;
  readonly lab: boolean;
  /** The writer's name in the audit log: 16 lower-case hexadecimal digits. */
  readonly storeId: string;
  /** The root key, wrapped by the master key. */
  readonly rootKey: string;
  /** The fingerprint of that master key; the first directories had none. */
  readonly masterKey?: string;
}

export const formatText = (file: FormatFile): string => `${JSON.stringify(file, null, 2)}\n`;

/**
 * @param place the data directory, for the error's text
 * @throws FobtwinError `dataDirectoryNewer`, `dataDirectoryOlder` or `dataDirectoryDamaged`
 */
export function parseFormat(text: string, place: string): FormatFile {
  const value = parseJson(text);
  const version = z.looseObject({ format: z.int() }).safeParse(value);
  if (version.success && version.data.format > FORMAT) {
    const found = version.data.format;
    throw new FobtwinError(
      'dataDirectoryNewer',
      `${place} was made by a newer fobd (format ${found}; this one knows ${FORMAT})`,
      { nextStep: 'Use the newer fobd; nothing was changed.' },
    );
  }
  if (version.success && version.data.format < FORMAT && version.data.format > 0) {
    throw olderFormat(version.data.format, place);
  }
  const parsed = formatSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FobtwinError('dataDirectoryDamaged', `format.json in ${place} cannot be understood`, {
    nextStep: 'Restore the data directory from a backup; nothing was changed.',
    cause: parsed.error,
  });
}

/** The oldest form that `fobd upgrade` can bring up to this version's own. */
const OLDEST_FORMAT = 2;

const olderFormat = (found: number, place: string): FobtwinError =>
  found < OLDEST_FORMAT
    ? new FobtwinError(
        'dataDirectoryOlder',
        `${place} was made by a fobd that was never released (format ${found})`,
        { nextStep: 'Make a new one with `fobd init`; nothing was changed.' },
      )
    : new FobtwinError(
        'dataDirectoryOlder',
        `${place} was made by an older fobd (format ${found}; this one needs ${FORMAT})`,
        {
          nextStep:
            `Stop every fobd that uses it, then: fobd upgrade --data ${place} ` +
            '(it makes a backup first). Nothing was changed.',
        },
      );

/** `undefined` for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
