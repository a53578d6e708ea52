import type { Code, Outcome } from '../../../shared/types.ts';
import type { ReplyOf } from '../../../shared/wire/operations.ts';
import { codeTypeOf } from '../../tokens/issued.ts';
import type { TokenService, VerifyAnswer } from '../../tokens/port.ts';
import { readIdempotencyKey } from '../idempotency-key.ts';
import type { Call, Handlers } from './handler.ts';

type Reply = ReplyOf<'verify'>;
type Render = (answer: VerifyAnswer) => Reply;

const refused =
  (outcome: Exclude<Outcome, 'accepted'>): Render =>
  () => ({ accepted: false, outcome });

/** Serial and type only with `accepted`; strengths with a right code; the wait with `throttled`. */
const RENDER: Readonly<Record<Outcome, Render>> = {
  accepted: ({ serial, issued, strength, proofed }) => ({
    accepted: true,
    outcome: 'accepted',
    serial,
    credentialType: issued && codeTypeOf(issued),
    strength,
    proofed,
  }),
  throttled: ({ retryAfterSeconds }) => ({
    accepted: false,
    outcome: 'throttled',
    retryAfterSeconds,
  }),
  wrongCode: refused('wrongCode'),
  replayed: refused('replayed'),
  locked: refused('locked'),
  suspended: refused('suspended'),
  lost: refused('lost'),
  disabled: refused('disabled'),
  revoked: refused('revoked'),
  notRegistered: refused('notRegistered'),
  strengthTooLow: ({ strength, proofed, requiredStrength, requiredProofing }) => ({
    accepted: false,
    outcome: 'strengthTooLow',
    strength,
    proofed,
    requiredStrength,
    requiredProofing,
  }),
  nextCodeRequired: refused('nextCodeRequired'),
};

/** The hot path. The service's answer is what this caller's scopes may see. */
export function verifyHandlers({
  tokens,
}: {
  readonly tokens: Pick<TokenService, 'verify'>;
}): Handlers<'verify'> {
  return {
    verify({ body, caller, request }) {
      const idempotencyKey = readIdempotencyKey(request);
      const command = commandOf(body);
      return tokens
        .verify(idempotencyKey === undefined ? command : { ...command, idempotencyKey }, caller)
        .then(render);
    },
  };
}

const render: Render = (answer) => RENDER[answer.outcome](answer);

function commandOf({ serial, account, code, credentialType }: Call<'verify'>['body']) {
  // The schema has let exactly one of the two through, and only six to eight digits.
  const digits = code as Code;
  if (serial !== undefined) return { serial, code: digits };
  if (account !== undefined) {
    return credentialType === undefined
      ? { account, code: digits }
      : { account, code: digits, credentialType };
  }
  throw new TypeError('a verify request without serial and account passed its schema');
}
