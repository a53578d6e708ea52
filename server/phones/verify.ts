import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { type Bundle, bundleWrites, credentialOf, inBundle } from '../credentials/bundle.ts';
import { type CredentialRecord, subscriptionIdOf } from '../credentials/record.ts';
import { registeredWith } from '../credentials/stages.ts';
import { type Decision, put, type Write } from '../store/port.ts';
import { statusAt } from '../subscriptions/terms.ts';
import { equalText } from '../verification/equal.ts';
import { isProved, phoneIn, requireMayChange } from './changing.ts';
import { verificationMac } from './code.ts';
import { type PhonesParts, readPhones } from './deciding.ts';
import { phoneDetails } from './issue.ts';
import type { VerifyPhoneAnswer, VerifyPhoneCommand } from './port.ts';
import { NO_PHONES, type Phone, type PhonesRecord, phonesKey, type Vouching } from './record.ts';
import { admits, type PhoneRight, readRights } from './rights.ts';
import { ownVouching, registeringVouching, withVouching } from './vouched.ts';

/**
 * As `PhoneService.verify`. With the first number a Phone OTP is registered, in the same decision:
 * there is never a number without its credential, nor the other way round.
 */
export async function verifyPhone(
  command: VerifyPhoneCommand,
  caller: Caller,
  parts: PhonesParts,
): Promise<VerifyPhoneAnswer> {
  const { account, phone: id } = command;
  const { country } = phoneIn(await readPhones(account, parts), id);
  const rights = await readRights(account, caller.now, parts);
  const waiting = rights.find((right) => right.state === 'waiting' && admits(right, country));
  const vouched = ownVouching(account, rights, caller);
  const decide = (record: PhonesRecord, bundle: Bundle | undefined) =>
    decideOn({ command, record, bundle, rights, vouched }, caller, parts);
  return waiting?.credential === undefined
    ? parts.store.transact([phonesKey(account)], ([record = NO_PHONES]) =>
        decide(record, undefined),
      )
    : inBundle(
        subscriptionIdOf(waiting.credential),
        [phonesKey(account)],
        parts.store,
        (bundle, [record = NO_PHONES]) => decide(record, bundle),
      );
}

interface Given {
  readonly command: VerifyPhoneCommand;
  readonly record: PhonesRecord;
  /** What is registered with the number, if it still waits for one. */
  readonly bundle: Bundle | undefined;
  readonly rights: readonly PhoneRight[];
  readonly vouched: Vouching | undefined;
}

function decideOn(
  { command, record, bundle, rights, vouched }: Given,
  caller: Caller,
  { keys }: PhonesParts,
): Decision<VerifyPhoneAnswer> {
  const { account, phone: id } = command;
  const { now } = caller;
  const phone = phoneIn(record, id);
  // Added while there was none, by the password perhaps: since then another has become the first.
  if (isBesideOthers(phone, record)) requireMayChange(account, record, rights, caller);
  const pending = record.pending?.find((each) => each.phone === id);
  if (pending === undefined) throw nothingSent(phone);
  if (now >= pending.expiresAt || pending.attemptsLeft <= 0) throw expired();
  const others = record.pending?.filter((each) => each !== pending) ?? [];
  const details = phoneDetails(phone);
  if (!equalText(verificationMac(command, keys.verification), pending.mac)) {
    const tried = { ...pending, attemptsLeft: pending.attemptsLeft - 1 };
    return {
      writes: [put(phonesKey(account), { ...record, pending: [...others, tried] })],
      auditDrafts: [draftOf(caller, 'verifyPhone', { outcome: 'wrongCode', account, details })],
      reply: { outcome: 'wrongCode' },
    };
  }
  const { writes, credential } = registration(bundle, account, caller);
  const said = vouched ?? phone.vouched;
  const word = credential === undefined ? said : registeringVouching(credential, record, said, now);
  const proved = withVouching({ ...phone, verifiedAt: phone.verifiedAt ?? now }, word);
  const phones = record.phones.map((each) => (each.id === id ? proved : each));
  return {
    writes: [put(phonesKey(account), { ...record, phones, pending: others }), ...writes],
    auditDrafts: [
      draftOf(caller, 'verifyPhone', {
        outcome: 'accepted',
        account,
        details: credential === undefined ? details : { ...details, credential: credential.id },
      }),
    ],
    reply: { outcome: 'accepted', phone: proved },
  };
}

/** What staff have added is there by their word. */
const isBesideOthers = (phone: Phone, { phones }: PhonesRecord): boolean =>
  !isProved(phone) && phone.vouched === undefined && phones.some(isProved);

/** A Phone OTP that waits for a number becomes active by it. */
function registration(
  bundle: Bundle | undefined,
  account: AccountId,
  { now }: Caller,
): { readonly writes: readonly Write[]; readonly credential?: CredentialRecord } {
  const credential = bundle && credentialOf(bundle, 'phoneOtp');
  const waits =
    bundle?.subscription.account === account &&
    credential?.stage === 'registration' &&
    statusAt(bundle.subscription, now) === 'active';
  if (!waits) return { writes: [] };
  const registered = registeredWith(credential, { at: now });
  const credentials = bundle.credentials.map((each) => (each === credential ? registered : each));
  return { writes: bundleWrites(bundle, { ...bundle, credentials }), credential };
}

const nothingSent = (phone: Phone): FobtwinError =>
  new FobtwinError('notAllowedNow', 'No code was sent to prove this number.', {
    nextStep: isProved(phone)
      ? 'It is proved already: nothing is to be done.'
      : 'Have a code sent to it first.',
  });

const expired = (): FobtwinError =>
  new FobtwinError('codeExpired', 'The code that was sent is none any more.', {
    nextStep: 'Choose Resend Code, and enter the new one within two minutes.',
  });
