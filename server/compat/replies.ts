import type { TokenDetail } from '../tokens/port.ts';
import { type Asking, type Checked, PHONE_TYPE } from './check.ts';
import { type Answer, AUTHENTICATION_ID, type Detail } from './envelope.ts';

/** What the clients read of a check. */

const PROMPT = 'Please enter the number that your token shows now.';

/** privacyIDEA's names of the two kinds of token. */
export const typeOf = ({ token }: TokenDetail): 'hotp' | 'totp' =>
  token.parameters.type === 'event' ? 'hotp' : 'totp';

export function answerOf(checked: Checked): Answer {
  if (checked.came === 'refused') return authentication(false, { message: checked.message });
  if (checked.came === 'accepted') {
    const about = checked.token && describe(checked.token);
    return authentication(true, { message: 'matching 1 tokens', ...about });
  }
  return authentication(false, challengeDetail(checked));
}

/** The answer to a challenge that was asked for by a service account: how many were begun. */
export function triggeredAnswer(checked: Checked): Answer {
  if (checked.came !== 'challenge') {
    const message = checked.came === 'refused' ? checked.message : '';
    return authentication(0, { message, messages: [], transaction_ids: [], multi_challenge: [] });
  }
  return authentication(1, challengeDetail(checked));
}

const authentication = (value: boolean | number, detail: Detail): Answer => ({
  id: AUTHENTICATION_ID,
  value,
  detail,
});

function describe(detail: TokenDetail): Detail {
  const { serial, parameters } = detail.token;
  return { serial, type: typeOf(detail), otplen: parameters.digits };
}

/** A phone is no token: its challenge has no serial, and its message says where the code goes. */
function challengeDetail({ id, token, sent }: Asking): Detail {
  const { serial = '', type = 'totp' } =
    sent === undefined ? { ...(token && describe(token)) } : { type: PHONE_TYPE };
  const message = sent ?? PROMPT;
  const one = {
    attributes: null,
    client_mode: 'interactive',
    message,
    serial,
    transaction_id: id,
    type,
  };
  return {
    ...one,
    messages: [message],
    preferred_client_mode: 'interactive',
    transaction_ids: [id],
    multi_challenge: [one],
  };
}
