import { numberArgument } from './arguments.ts';

/** Options of every list that is read page by page. */
export const PAGE_OPTIONS = {
  limit: { type: 'string', requiresArg: true, describe: 'At most so many [default: 50]' },
  cursor: { type: 'string', requiresArg: true, describe: 'Where the last page ended' },
} as const;

/** Entries of one page at the most, as the wire takes it. */
export const limitArgument = (text: string | undefined): number | undefined =>
  numberArgument('--limit', text, [1, 500]);

/** The query that those options come to. */
export const pageArguments = ({
  limit,
  cursor,
}: {
  readonly limit?: string | undefined;
  readonly cursor?: string | undefined;
}) => ({ limit: limitArgument(limit), cursor });
