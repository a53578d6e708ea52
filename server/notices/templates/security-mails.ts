import {
  MANAGE_OTP,
  type MailBody,
  momentOf,
  type Part,
  SIGN_IN,
  type Template,
} from './mail-body.ts';

/** What has happened to an account's tokens, phones and password (seeds 002, 003, 004). */

const NOT_YOU: Part =
  'If this was not you, somebody else may know your password: change it now, and tell your ' +
  'support desk.';
const NOT_EXPECTED: Part = 'If you did not expect this, tell your support desk at once.';

const happened = (subject: string, says: string, ...more: readonly Part[]): MailBody => ({
  subject,
  parts: [says, ...more],
});

export const tokenRegistered: Template<'tokenRegistered'> = ({ serial, at }) =>
  happened(
    `Token ${serial} is registered to your account`,
    `Token ${serial} was registered to your account on ${momentOf(at)}. You can sign in with ` +
      'its codes from now on.',
    NOT_YOU,
  );

export const tokenLocked: Template<'tokenLocked'> = ({ serial, at }) =>
  happened(
    `Your token ${serial} is locked`,
    `Your token ${serial} was locked on ${momentOf(at)}, after repeated failures to sign in or ` +
      'by an administrator. Its codes are refused until it is unlocked.',
    `After failures you can unlock it yourself: ${SIGN_IN} and skip the code, ` +
      `${MANAGE_OTP}, then View Details and Resync. Press the button and enter the code, wait ` +
      '30 seconds, press again and enter the second code.',
    'If that is refused, please call your support desk. If those failures were not yours, ' +
      'somebody else may know your password: change it now.',
  );

export const tokenDisabled: Template<'tokenDisabled'> = ({ serial, at }) =>
  happened(
    `Your token ${serial} is disabled`,
    `Your token ${serial} was disabled on ${momentOf(at)}, because codes have failed very often ` +
      'since its last success. Resyncing it does not help.',
    'Please call your support desk to have it enabled. If those failures were not yours, ' +
      'somebody else may know your password: change it now.',
  );

export const tokenResynced: Template<'tokenResynced'> = ({ serial, at }) =>
  happened(
    `Your token ${serial} was resynced`,
    `Your token ${serial} was resynced with two codes on ${momentOf(at)}. If failures had locked ` +
      'it, it is unlocked.',
    NOT_YOU,
  );

export const tokenLost: Template<'tokenLost'> = ({ serial, at }) =>
  happened(
    `Your token ${serial} is marked as lost`,
    `Your token ${serial} was marked as lost on ${momentOf(at)}. Its codes are refused, and ` +
      'whoever was signed in with it is signed out.',
    'Should it turn up again, your support desk can mark it as found; if it was you who reported ' +
      'it, so can you, signed in with a code of something else that was yours before. If you ' +
      'have registered a phone with it, you can sign in with that meanwhile.',
    NOT_EXPECTED,
  );

export const tokenFound: Template<'tokenFound'> = ({ serial, at }) =>
  happened(
    `Your token ${serial} is marked as found`,
    `Your token ${serial} was marked as found on ${momentOf(at)}: its codes are taken again.`,
    NOT_EXPECTED,
  );

export const tokenReplaced: Template<'tokenReplaced'> = ({ serial, newSerial, at }) =>
  happened(
    `Token ${newSerial} takes the place of your token ${serial}`,
    `On ${momentOf(at)} token ${newSerial} took the place of your token ${serial}, which is ` +
      'revoked for good. Sign in with the new one from now on.',
    NOT_EXPECTED,
  );

export const tokenRevoked: Template<'tokenRevoked'> = ({ serial, at }) =>
  happened(
    `Your token ${serial} is revoked`,
    `Your token ${serial} was revoked on ${momentOf(at)}. This is final: it can not be used or ` +
      'registered again.',
    'If you are about to get a replacement, we recommend to wait 24 hours before you activate it.',
    NOT_EXPECTED,
  );

export const phoneAdded: Template<'phoneAdded'> = ({ phone, at }) =>
  happened(
    'A phone was added to your account',
    `The phone ${phone} was added to your account on ${momentOf(at)}. Codes can be sent to it ` +
      'from now on.',
    'We recommend to register at least two phone numbers, so that you can sign in when one is ' +
      'out of reach.',
    NOT_YOU,
  );

export const phoneRemoved: Template<'phoneRemoved'> = ({ phone, at }) =>
  happened(
    'A phone was removed from your account',
    `The phone ${phone} was removed from your account on ${momentOf(at)}. No code is sent to it ` +
      'any more.',
    NOT_YOU,
  );

export const mobileIdAdded: Template<'mobileIdAdded'> = ({ serial, at }) =>
  happened(
    'A Mobile ID was added to your account',
    `The Mobile ID ${serial} was added to your account on ${momentOf(at)}. The codes of its ` +
      'authenticator app are taken from now on.',
    NOT_YOU,
  );

export const passwordSet: Template<'passwordSet'> = ({ at }) =>
  happened(
    'Your password was set',
    `The password of your account was set on ${momentOf(at)}.`,
    'If this was not you, tell your support desk at once.',
  );

export const emailChanged: Template<'emailChanged'> = ({ at }) =>
  happened(
    'The mail address of your account was changed',
    `The mail address of your account was changed on ${momentOf(at)}. This mail goes to the ` +
      'address that it had before.',
    NOT_EXPECTED,
  );
