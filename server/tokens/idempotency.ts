import { FobtwinError } from '../../shared/errors.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { type Key, type Kind, keyOf, putCold, replyOnly, type Store } from '../store/port.ts';
import type { Vault } from '../vault/port.ts';
import type { VerifyAnswer, VerifyCommand } from './port.ts';
import type { Step } from './settle.ts';

/**
 * Idempotency keys on single codes (draft-ietf-httpapi-idempotency-key-header): who has not got his
 * reply asks again under the same key, and reads what the first request came to instead of
 * `replayed`. The answer is committed with the decision itself, so that neither a crash nor another
 * request at the same moment parts them.
 */

/** How long an answer is kept: as long as a client may go on trying. */
export const IDEMPOTENCY_MILLIS = 60_000;

/** The answer to one request under one key. Neither key nor request can be read off it. */
export interface IdempotentAnswerRecord {
  readonly version: 1;
  /** Keyed hash of the caller's name and the key. */
  readonly id: string;
  /** Keyed hash of the request that it answers. */
  readonly request: string;
  readonly answer: VerifyAnswer;
  /** From this moment on the key is as good as new. */
  readonly until: UnixMillis;
}

export const IDEMPOTENT_ANSWERS: Kind<IdempotentAnswerRecord> = {
  name: 'idempotentAnswer',
  indexes: [],
  indexValues: () => [],
};

type Hasher = Pick<Vault, 'keyedHash'>;

interface Asked {
  readonly record: Key<IdempotentAnswerRecord>;
  readonly request: string;
  readonly now: UnixMillis;
}

/**
 * Verifies once under the caller's key, and answers the same request the same way for 60 seconds.
 *
 * @throws FobtwinError `invalidInput` when the key came with another request
 */
export async function verifyOnce(
  command: VerifyCommand & { readonly idempotencyKey: string },
  caller: Caller,
  { store, vault }: { readonly store: Pick<Store, 'transact'>; readonly vault: Hasher },
  verify: (store: Pick<Store, 'transact'>) => Promise<VerifyAnswer>,
): Promise<VerifyAnswer> {
  const asked = askedBy(command, caller, vault);
  const known = await store.transact([asked.record], ([stored]) =>
    replyOnly(answerIn(stored, asked)),
  );
  return known ?? verify(remembering(store, asked));
}

function askedBy(
  {
    idempotencyKey,
    serial,
    account,
    code,
    credentialType,
    purpose,
  }: VerifyCommand & { readonly idempotencyKey: string },
  { principal: { actor }, now }: Caller,
  vault: Hasher,
): Asked {
  const id = vault.keyedHash('idempotency', JSON.stringify([actor, idempotencyKey]));
  const whose = [serial ?? null, account ?? null, credentialType ?? null, purpose ?? null];
  const request = JSON.stringify([actor, idempotencyKey, ...whose, code]);
  return {
    record: keyOf(IDEMPOTENT_ANSWERS, id),
    request: vault.keyedHash('idempotency', request),
    now,
  };
}

/** A clock that was set back makes no answer last longer than it was given. */
export const isCurrent = ({ until }: IdempotentAnswerRecord, now: UnixMillis): boolean =>
  now < until && until - now <= IDEMPOTENCY_MILLIS;

function answerIn(
  stored: IdempotentAnswerRecord | undefined,
  { request, now }: Asked,
): VerifyAnswer | undefined {
  if (stored === undefined || !isCurrent(stored, now)) return undefined;
  if (stored.request === request) return stored.answer;
  throw new FobtwinError('invalidInput', 'This idempotency key came with another request.', {
    errors: [{ field: '/header/Idempotency-Key', code: 'duplicate' }],
    nextStep: 'Draw a new key for each attempt; only its repetitions carry the same one.',
  });
}

/**
 * The store for one decision on a code: what decides, and so leaves an audit entry, writes the
 * answer too, unless the same request was faster.
 */
function remembering(store: Pick<Store, 'transact'>, asked: Asked): Pick<Store, 'transact'> {
  return {
    transact: (keys, decide) =>
      store.transact(keys, (records, also) => {
        const decision = decide(records, also);
        if (decision.auditDrafts.length === 0) return decision;
        // After all that was decided on: how many of those cost the same is counted from the first.
        const faster = answerIn(also(asked.record), asked);
        type Reply = typeof decision.reply;
        if (faster !== undefined) return replyOnly({ done: faster } as Reply);
        const { done: answer } = decision.reply as Extract<Step<VerifyAnswer>, { done: unknown }>;
        const until = (asked.now + IDEMPOTENCY_MILLIS) as UnixMillis;
        const { id } = asked.record;
        const record = { version: 1, id, request: asked.request, answer, until } as const;
        return { ...decision, writes: [...decision.writes, putCold(asked.record, record)] };
      }),
  };
}
