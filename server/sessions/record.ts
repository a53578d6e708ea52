import { hash } from 'node:crypto';
import type { AccountId, Serial, Strength, UnixMillis } from '../../shared/types.ts';
import type { IssuedProof } from '../accounts/issued-codes.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';
import type { Session, SessionProof } from './port.ts';

/** What a session rests on beyond the password. */
export interface StrengthProof {
  readonly strength: Strength;
  /** The token whose code was given; or what fobd had given out itself. */
  readonly serial?: Serial;
  readonly issued?: IssuedProof;
  /** Whether its credential was proofed then; absent where it had none. */
  readonly proofed?: boolean;
  readonly at: UnixMillis;
}

export interface SessionRecord {
  readonly version: 1;
  /** SHA-256 of its token, lower-case hexadecimal: what it is kept under. */
  readonly tokenHash: string;
  /** 16 hexadecimal digits; it opens nothing. */
  readonly id: string;
  readonly account: AccountId;
  readonly createdAt: UnixMillis;
  readonly authenticatedAt: UnixMillis;
  /** When the password that was given had been set here; absent where it is a directory's. */
  readonly passwordSetAt?: UnixMillis;
  /** Absent: the password alone. */
  readonly proof?: StrengthProof;
  /** To a minute: a later use within it is not written. */
  readonly lastSeenAt: UnixMillis;
  readonly expiresAt: UnixMillis;
}

export const SESSIONS: Kind<SessionRecord> = {
  name: 'session',
  indexes: ['account'],
  indexValues: (_index, { account }) => [account],
};

export const sessionKey = (tokenHash: string): Key<SessionRecord> => keyOf(SESSIONS, tokenHash);

/** A fast hash suffices for 256 random bits: there is nothing to guess. */
export const hashSessionToken = (token: string): string => hash('sha256', token, 'hex');

/** What was proved, without how strong it is and since when. */
export const whatOf = ({ serial, issued, proofed }: Proving) => ({
  ...(serial === undefined ? {} : { serial }),
  ...(issued === undefined ? {} : { issued }),
  ...(proofed === undefined ? {} : { proofed }),
});

type Proving = Pick<SessionProof, 'serial' | 'issued' | 'proofed'>;

/** What others see of it. */
export function sessionOf(record: SessionRecord): Session {
  const { id, account, createdAt, authenticatedAt, lastSeenAt, expiresAt, proof } = record;
  return {
    id,
    account,
    strength: proof?.strength ?? 'password',
    authenticatedAt,
    strengthAt: proof?.at ?? authenticatedAt,
    ...(proof === undefined ? {} : whatOf(proof)),
    createdAt,
    lastSeenAt,
    expiresAt,
  };
}
