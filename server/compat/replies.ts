import type { TokenDetail } from '../tokens/port.ts';
import type { Checked } from './check.ts';
import { type Answer, AUTHENTICATION_ID, type Detail } from './envelope.ts';

/** What the clients read of a check. */

const PROMPT = 'Please enter the number that your token shows now.';

/** privacyIDEA's names of the two kinds of token. */
export const typeOf = ({ token }: TokenDetail): 'hotp' | 'totp' =>
  token.parameters.type === 'event' ? 'hotp' : 'totp';

export function answerOf(checked: Checked): Answer {
  if (checked.came === 'refused') return authentication(false, { message: checked.message });
  const about = checked.token && describe(checked.token);
  if (checked.came === 'accepted') {
    return authentication(true, { message: 'matching 1 tokens', ...about });
  }
  return authentication(false, challengeDetail(checked.id, about));
}

/** The answer to a challenge that was asked for by a service account: how many were begun. */
export function triggeredAnswer(checked: Checked): Answer {
  if (checked.came !== 'challenge') {
    const message = checked.came === 'refused' ? checked.message : '';
    return authentication(0, { message, messages: [], transaction_ids: [], multi_challenge: [] });
  }
  return authentication(1, challengeDetail(checked.id, checked.token && describe(checked.token)));
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

function challengeDetail(id: string, about: Detail | undefined): Detail {
  const { serial = '', type = 'totp' } = about ?? {};
  const one = {
    attributes: null,
    client_mode: 'interactive',
    message: PROMPT,
    serial,
    transaction_id: id,
    type,
  };
  return {
    ...one,
    messages: [PROMPT],
    preferred_client_mode: 'interactive',
    transaction_ids: [id],
    multi_challenge: [one],
  };
}
