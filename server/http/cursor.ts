import { invalidInput } from '../../shared/errors.ts';

/**
 * A page's cursor: opaque to callers, base64url of a version and the last id shown. Not signed: it
 * names a place in a list that its bearer may read anyway.
 */
const VERSION = '1:';

export const formatCursor = (next: string | null): string | null =>
  next === null ? null : Buffer.from(VERSION + next).toString('base64url');

/** @throws FobtwinError `invalidInput` for what was never handed out as a cursor */
export function parseCursor(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const decoded = Buffer.from(text, 'base64url').toString();
  const after = decoded.slice(VERSION.length);
  const isOurs = decoded.startsWith(VERSION) && after !== '' && formatCursor(after) === text;
  if (isOurs) return after;
  throw invalidInput('/query/cursor', 'badFormat', 'The cursor is not one of this list.', {
    nextStep: 'Begin again without a cursor, then use nextCursor as it comes.',
  });
}
