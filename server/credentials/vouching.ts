import { FobtwinError } from '../../shared/errors.ts';
import type { CredentialId, Serial } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';

/**
 * What says of a person at a proofed credential who he is, pure. A Mobile ID, a token and a Phone
 * OTP can be bought and set up by whoever has stolen the password: their strength says that the
 * same person comes again, and not that it is the one who was proofed.
 */

/** A credential that is proofed, or was; with its token, where it has one. */
export interface Vouched {
  readonly id: CredentialId;
  readonly serial?: Serial | undefined;
}

/**
 * Whether what the person has signed in with is proofed itself, or the credential's own, or a token
 * that nobody can buy: one that administrators have given out. A temporary code rests on the
 * helpdesk's word, and is none of them; nor is a phone whose number nobody has vouched for
 * (`../phones/vouched.ts`).
 */
export function hasVouched({ id, serial }: Vouched, caller: Pick<Caller, 'principal'>): boolean {
  if (vouchesForAll(caller)) return true;
  const { proved = {} } = caller.principal;
  if (proved.serial !== undefined) return proved.serial === serial;
  const { issued } = proved;
  return issued?.by === 'phone' && issued.vouched === true && issued.credential === id;
}

/**
 * Whether it is the very sign-in in which the person was proofed: the right answers, or the code
 * that the agent handed over, came in it. A password alone shows no more later on.
 */
export const isProofedIn = (
  { proofedIn }: { readonly proofedIn?: string | undefined },
  { principal }: Pick<Caller, 'principal'>,
): boolean => proofedIn !== undefined && principal.session === proofedIn;

/** Whether that holds for every credential of the account: by what is proofed, or nobody bought. */
export const vouchesForAll = ({ principal: { proved = {} } }: Pick<Caller, 'principal'>): boolean =>
  proved.proofed === true || (proved.serial !== undefined && proved.proofed === undefined);

/** Where the strength suffices, and says nothing of who it is. */
export const notVouched = (): FobtwinError =>
  new FobtwinError('strengthTooLow', 'This needs a code of the credential that is proofed.', {
    nextStep: 'Sign out, sign in by a code of it, or of a phone that comes with it, and try again.',
  });
