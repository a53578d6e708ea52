import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, CredentialId, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { addressesOf, type NoticeDraft, type NoticeWriter } from '../notices/port.ts';
import { noticeKey } from '../notices/record.ts';
import { PRODUCTS } from '../orders/catalogue.ts';
import type { Decision, Store } from '../store/port.ts';
import { equalText } from '../verification/equal.ts';
import { activationCodeMac, parseActivationText } from './activation-code.ts';
import { type Bundle, bundleWrites, inBundle, withEach } from './bundle.ts';
import { inForce, ownCredential, ownSession } from './own.ts';
import type { CredentialDetail } from './port.ts';
import { type CredentialRecord, subscriptionIdOf } from './record.ts';
import { activated, codeGiven, stageAfter } from './stages.ts';

/** Activating a credential, with the code that a live session's agent handed over. */

export interface ActivationParts {
  readonly store: Pick<Store, 'transact'>;
  readonly notices: NoticeWriter;
  /** 32 bytes that are not in the store. */
  readonly activationKey: Uint8Array;
}

/** Of what looks like no code at all: none that is kept equals it. */
const NO_MAC = '';

/** The error is a value until the spent attempt is durable. */
type Reply = CredentialDetail | FobtwinError;

export async function activate(
  account: AccountId,
  id: CredentialId,
  code: string | undefined,
  caller: Caller,
  { store, notices, activationKey }: ActivationParts,
): Promise<CredentialDetail> {
  const subscription = subscriptionIdOf(id);
  const text = code === undefined ? undefined : parseActivationText(code);
  const mac = text === undefined ? NO_MAC : activationCodeMac(account, text, activationKey);
  const noticeId = `${id}:activated:${caller.now}`;
  const reply = await inBundle(
    subscription,
    [noticeKey(noticeId)],
    store,
    (found, [notice]): Decision<Reply> => {
      const { bundle, credential } = ownCredential(found, account, id);
      inForce(bundle.subscription, caller.now);
      stageAfter(credential, 'activate');
      const error = refusalOf(credential, { mac, isGiven: code !== undefined }, caller.now);
      if (error !== undefined) {
        const spends = code !== undefined;
        return refused(bundle, credential, { error, spends, caller });
      }
      const session = ownSession(account, caller);
      const done = activated(credential, caller.now, session);
      // One code is for all of a bundle: the others ask for it no more, and it was given for them.
      const after = withEach(bundle, (each) => {
        if (each === credential) return done;
        return each.activation?.mac === mac ? codeGiven(each, session) : each;
      });
      const letter = letterOf(noticeId, done, after, caller.now);
      return {
        writes: [...bundleWrites(bundle, after), ...notices.write(letter, notice)],
        auditDrafts: [draftOf(caller, 'activateCredential', { account, details: aboutOf(done) })],
        reply: { credential: done, subscription: after.subscription },
      };
    },
  );
  if (reply instanceof FobtwinError) throw reply;
  return reply;
}

const aboutOf = ({ id, type }: CredentialRecord) => ({ credential: id, type });

/** Which of missing, wrong, expired and another account's it was is not told. */
function refusalOf(
  { activation }: CredentialRecord,
  { mac, isGiven }: { readonly mac: string; readonly isGiven: boolean },
  now: UnixMillis,
): FobtwinError | undefined {
  if (activation === undefined) return undefined;
  if (activation.attemptsLeft <= 0) {
    return new FobtwinError('attemptsSpent', 'Too many wrong activation codes were given.', {
      nextStep: 'Ask the proofing agent for another code.',
    });
  }
  if (isGiven && equalText(activation.mac, mac) && now < activation.expiresAt) return undefined;
  return new FobtwinError('activationRefused', 'This is not the activation code.', {
    nextStep: 'Enter the code that the proofing agent provided at the end of your session.',
  });
}

/** A code that was given costs an attempt, all credentials' that it was handed over for. */
function refused(
  bundle: Bundle,
  { id, activation }: CredentialRecord,
  {
    error,
    spends,
    caller,
  }: { readonly error: FobtwinError; readonly spends: boolean; readonly caller: Caller },
): Decision<Reply> {
  const attemptsLeft = Math.max(0, (activation?.attemptsLeft ?? 0) - 1);
  const after = withEach(bundle, (each) =>
    spends && each.activation !== undefined && each.activation.mac === activation?.mac
      ? { ...each, activation: { ...each.activation, attemptsLeft } }
      : each,
  );
  const { account = bundle.subscription.purchaser } = bundle.subscription;
  const details = { credential: id, refused: error.code };
  return {
    writes: bundleWrites(bundle, after),
    auditDrafts: [draftOf(caller, 'activateCredential', { account, details })],
    reply: error,
  };
}

const letterOf = (
  id: string,
  credential: CredentialRecord,
  { account, subscription }: Bundle,
  at: UnixMillis,
): NoticeDraft => ({
  id,
  template: 'credentialActivated',
  to: account === undefined ? [] : addressesOf(account),
  account: credential.account,
  at,
  values: { credential: credential.id, product: PRODUCTS[subscription.product].name },
});
