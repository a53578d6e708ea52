import type { UnixMillis } from '../../shared/types.ts';
import type { CompatError } from './errors.ts';

/** The shapes of privacyIDEA's replies (facts 2.1), as its clients read them. */

/** What `version` and `versionnumber` say: the form of the API, and who speaks it. */
const FORM_VERSION = '3.9';

/** An answer about a person, which says how it came out. */
export const AUTHENTICATION_ID = 2;
export const OTHER_ID = 1;

export type Detail = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly id: typeof AUTHENTICATION_ID | typeof OTHER_ID;
  readonly value: unknown;
  readonly detail?: Detail;
}

const frame = (now: UnixMillis, id: number) => ({
  id,
  jsonrpc: '2.0',
  time: now / 1000,
  version: `privacyIDEA ${FORM_VERSION} (as fobd speaks it)`,
  versionnumber: FORM_VERSION,
});

export function answerBody({ id, value, detail }: Answer, now: UnixMillis): object {
  const authentication = id === AUTHENTICATION_ID ? { authentication: authOf(value, detail) } : {};
  return {
    ...frame(now, id),
    detail: { ...detail, threadid: 1 },
    result: { status: true, value, ...authentication },
  };
}

/** Clients go by this word where it is there, and by `value` where it is not. */
function authOf(value: unknown, detail: Detail | undefined): 'ACCEPT' | 'CHALLENGE' | 'REJECT' {
  const challenges = detail?.['multi_challenge'];
  if (Array.isArray(challenges) && challenges.length > 0) return 'CHALLENGE';
  return value === true ? 'ACCEPT' : 'REJECT';
}

export const errorBody = (
  { code, message }: Pick<CompatError, 'code' | 'message'>,
  now: UnixMillis,
): object => ({
  ...frame(now, OTHER_ID),
  detail: null,
  result: { status: false, error: { code, message: `ERR${code}: ${message}` } },
});
