import type { Code, Serial } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { Decide, Key } from '../store/port.ts';
import type { FactorRecord } from '../verification/types.ts';
import { decisionOf } from './answer.ts';
import { attemptOn, testCode, testOnShadow } from './attempt.ts';
import type { VerifyAnswer } from './port.ts';
import { factorKey, type TokenRecord, tokenKey } from './record.ts';
import { type Shaded, type ShadowRecord, shadowKey, shadowWrites } from './shadows.ts';
import {
  aboutOf,
  afterVerdict,
  countsOnItself,
  type Deciding,
  detailOf,
  refusalOf,
  tokenWrites,
  withSubject,
} from './subject.ts';

/** The same three reads for a serial that exists and for one that does not. */
type Keys = readonly [Key<TokenRecord>, Key<FactorRecord>, Key<ShadowRecord>];

/** Whether a code is good for a serial: what to read, and the decision. */
export function verifyBySerial(
  { serial, code }: { readonly serial: Serial; readonly code: Code },
  caller: Caller,
  deciding: Deciding,
): { readonly keys: Keys; readonly decide: Decide<Keys, VerifyAnswer> } {
  const shaded: Shaded = { of: 'serial', name: serial };
  const shadow = shadowKey(shaded, deciding.shadowPrefix);
  const attempt = attemptOn(shaded, code, caller, deciding);
  return {
    keys: [tokenKey(serial), factorKey(serial), shadow],
    decide([token, factor, stored]) {
      const known = detailOf(token, factor);
      if (known !== undefined && countsOnItself(known.token)) {
        const verdict = withSubject(known, deciding.vault, (s) => testCode(s, attempt, deciding));
        const writes = tokenWrites(known, afterVerdict(known, verdict));
        return decisionOf(
          { ...verdict, token: known.token },
          aboutOf(serial, known),
          writes,
          caller,
        );
      }
      const { cover, before, after } = testOnShadow(shaded, known, stored, attempt, deciding);
      const finding = { outcome: refusalOf(known), cover };
      const writes = shadowWrites(shadow, before, after);
      return decisionOf(finding, aboutOf(serial, known), writes, caller);
    },
  };
}
