import { unknownKey } from '../credentials/redemption.ts';
import { parseLicenceKey } from '../orders/licence-key.ts';
import { GET_PATH, OTP_PATH, ofCredential, SET_UP_PATH } from './account-links.ts';
import { getPage, revokePage } from './credential-pages.ts';
import type { Fields } from './forms.ts';
import { credentialIn, ownCredentialIn, personAt, signInFirst } from './own.ts';
import { type Refusal, refusalOf, replyWith, tryTo } from './refusal.ts';
import { formTokenOf, type PageRoute, type Reply, type Visit } from './visit.ts';

/** What is done with a whole credential: got by its licence key, revoked. */

/** "Purchase or Register Credentials" */
export const GET: PageRoute = { get: (visit) => showGet(visit), post: redeem };
export const REVOKE: PageRoute = { get: (visit) => showRevoke(visit), post: revoke };

async function showGet(visit: Visit, refusal?: Refusal): Promise<Reply> {
  const { seat, now, parts } = visit;
  if (seat === undefined) return signInFirst(GET_PATH);
  const credentials = await parts.credentials.list(seat.account.id);
  const page = getPage({
    person: seat,
    formToken: formTokenOf(visit),
    now,
    credentials,
    refusal,
  });
  return replyWith(page, refusal);
}

async function redeem(visit: Visit, fields: Fields): Promise<Reply> {
  const { seat, parts } = visit;
  if (seat === undefined) return signInFirst(GET_PATH);
  const text = fields.get('licenceKey') ?? '';
  if (text.trim() === '') return showGet(visit, refusalOf('Enter the license key.'));
  const redeemed = await tryTo(async () => {
    const key = parseLicenceKey(text);
    // A mistyped key is none by its check character: nothing need be looked up.
    if (key === undefined) throw unknownKey();
    return parts.credentials.redeem(seat.account.id, key, personAt(visit, seat));
  });
  if ('refusal' in redeemed) return showGet(visit, redeemed.refusal);
  const [first] = redeemed.done;
  return {
    redirect: first === undefined ? OTP_PATH : ofCredential(SET_UP_PATH, first.credential.id),
  };
}

async function showRevoke(visit: Visit, refusal?: Refusal): Promise<Reply> {
  const { seat } = visit;
  if (seat === undefined) return signInFirst(OTP_PATH);
  const detail = await ownCredentialIn(visit, seat);
  const formToken = formTokenOf(visit);
  return replyWith(revokePage({ person: seat, formToken, detail, refusal }), refusal);
}

async function revoke(visit: Visit, fields: Fields): Promise<Reply> {
  const { seat, parts } = visit;
  if (seat === undefined) return signInFirst(OTP_PATH);
  const command = {
    account: seat.account.id,
    credential: credentialIn(visit),
    confirmed: fields.get('confirmed') === 'yes',
  };
  const revoked = await tryTo(() => parts.credentials.revoke(command, personAt(visit, seat)));
  if ('refusal' in revoked) return showRevoke(visit, revoked.refusal);
  return { redirect: `${OTP_PATH}?done=revoked` };
}
