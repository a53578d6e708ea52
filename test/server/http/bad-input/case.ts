import type { Scope } from '../../../../server/access/scopes.ts';
import type { ErrorCode, FieldErrorCode } from '../../../../shared/errors.ts';
import type { Outcome } from '../../../../shared/types.ts';
import { type Sent, type Served, STEP_MILLIS, timeCode } from '../served.ts';

/** What stands before each case. `MINE` is jennifer's, `HIS` bob's, `DEAD` revoked. */
export const MINE = 'FT00000001';
export const STOCKED = 'FT00000002';
export const HIS = 'FT00000003';
export const DEAD = 'FT00000004';

export interface Expected {
  readonly status: number;
  readonly code?: ErrorCode;
  /** The first field at fault and what is wrong with it. */
  readonly field?: string;
  readonly fault?: FieldErrorCode;
  readonly outcome?: Outcome;
}

export interface Case {
  readonly name: string;
  readonly send: Sent | ((served: Served) => Sent);
  /** Scopes of the API key; default all. `none`: no key at all. */
  readonly scopes?: readonly Scope[] | 'none';
  readonly expected: Expected;
}

export const json = { 'content-type': 'application/json' };

export const codeIn = ({ clock }: Served, serial: string, steps = 0): string =>
  timeCode(serial, clock.at + steps * STEP_MILLIS);

export const verify = (body: unknown, headers: Readonly<Record<string, string>> = {}): Sent => ({
  path: '/v1/verify',
  headers,
  body,
});
export const refused = (status: number, code: ErrorCode): Expected => ({ status, code });
export const invalid = (field: string, fault: FieldErrorCode): Expected => ({
  status: 422,
  code: 'invalidInput',
  field,
  fault,
});
export const outcome = (name: Outcome): Expected => ({ status: 200, outcome: name });
