import { type CredentialId, parseCredentialId } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { unknownCredential } from '../credentials/own.ts';
import type { CredentialDetail } from '../credentials/port.ts';
import { whatOf } from '../sessions/record.ts';
import { signInAddress } from './port.ts';
import type { Reply, Seat, Visit } from './visit.ts';

/** What the own account's pages have in common: who asks, and for what. */

/** The person alone: whatever roles the account has, these pages are for the own account. */
export const personAt = ({ now }: Pick<Visit, 'now'>, { account, session }: Seat): Caller => ({
  principal: {
    actor: `account:${account.id}`,
    account: account.id,
    strength: session.strength,
    session: session.id,
    proved: whatOf(session),
    scopes: new Set(),
  },
  now,
});

export const signInFirst = (returnTo: string): Reply => ({
  redirect: signInAddress({ returnTo }),
});

/** @throws FobtwinError `notFound`, in the words of a credential of somebody else */
export function credentialIn({ query }: Pick<Visit, 'query'>): CredentialId {
  const id = parseCredentialId(query.get('credential') ?? '');
  if (id !== undefined) return id;
  throw unknownCredential();
}

/** @throws FobtwinError `notFound`, likewise */
export const ownCredentialIn = (visit: Visit, { account }: Seat): Promise<CredentialDetail> =>
  visit.parts.credentials.get(account.id, credentialIn(visit));
