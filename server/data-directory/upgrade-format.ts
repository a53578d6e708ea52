import { z } from 'zod';
import { FORMAT, type FormatFile, parseFormat, parseJson } from './format.ts';

/** `format.json` as formats 2 and 3 had it. */
const olderFormat = z.strictObject({
  format: z.literal([2, 3]),
  lab: z.boolean(),
  storeId: z.string().regex(/^[0-9a-f]{16}$/),
  rootKey: z.string().min(1).max(400),
  masterKey: z
    .string()
    .regex(/^[0-9a-f]{8}$/)
    .exactOptional(),
});

export type AnyFormatFile = FormatFile | z.output<typeof olderFormat>;

/**
 * `format.json` of this form or of an older one that can be upgraded.
 *
 * @param place for the error's text
 * @throws FobtwinError as `parseFormat` does for what is neither
 */
export function parseAnyFormat(text: string, place: string): AnyFormatFile {
  const older = olderFormat.safeParse(parseJson(text));
  return older.success ? older.data : parseFormat(text, place);
}

/** The same directory's `format.json` in this version's form. */
export const currentFormat = (file: AnyFormatFile): FormatFile => ({ ...file, format: FORMAT });
