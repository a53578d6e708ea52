import type { Outcome, Strength } from '../types.ts';

/**
 * What each outcome says to a person, with the next step. Outcomes travel as codes; every page,
 * mail and command line takes its words from here.
 */
export const OUTCOME_TEXTS: Readonly<Record<Outcome, string>> = {
  accepted: 'Accepted.',
  wrongCode:
    'The code is not right. Press the button on the front of the token and enter the number that ' +
    'it shows now.',
  replayed:
    'This code has been used already. Wait 30 seconds, press the button again and enter the new ' +
    'number.',
  throttled:
    'Too many wrong codes one after the other. Wait as long as is shown, then press the button ' +
    'and enter a new number.',
  locked:
    'The token is locked after repeated failures. Sign in with your user ID and password only ' +
    '(choose Skip OTP), open My Account, Manage OTP, View Details, and choose Resync: enter one ' +
    'number, wait 30 seconds, press the button again and enter the second.',
  suspended:
    'The token is suspended. If its subscription has expired, renew it under Manage OTP within a ' +
    'year of the expiry and keep this token; otherwise contact customer support.',
  lost:
    'The token has been reported as lost. Use your phone for codes until it is found or ' +
    'replaced; if you have it again, contact customer support.',
  disabled: 'The token is disabled after too many failures. Contact customer support.',
  revoked:
    'The token has been revoked and cannot be reactivated. Purchase and set up a whole new token.',
  notRegistered:
    'No token is registered under this serial or account. Register it with the serial number on ' +
    'its back and two numbers, 30 seconds apart.',
  strengthTooLow:
    'This needs a stronger credential than you have signed in with. Open My Account, Manage OTP, ' +
    'and choose Elevate.',
  nextCodeRequired:
    'One more code is needed. Wait 30 seconds, press the button again and enter the new number.',
};

/** What a sign-in says between its steps, and where it ends without an outcome of a code. */
export const SIGN_IN_TEXTS = {
  enterCode: 'Press the button on the front of the token and enter the number that it shows now.',
  wrongPassword: 'The user name or the password is not right.',
  /** Where both are given at once: which of them was wrong is not told. */
  wrongPasswordOrCode:
    'The user name, the password or the code is not right. Enter the password and, right behind ' +
    'it, the number that the token shows now. No code is sent to a phone here. After several ' +
    'failures wait five minutes.',
  beginAgain: 'This sign-in is over, or it was not begun here. Begin again.',
  accountDisabled: 'The account is disabled. Contact customer support.',
} as const;

/** What a person needs to reach each strength. */
export const STRENGTH_TEXTS: Readonly<Record<Strength, string>> = {
  password: 'a password',
  phoneOtp: 'a code sent to a phone',
  mobileId: 'a code of a Mobile ID',
  hardwareToken: 'a code of a hardware token',
};

/** What "Credential Strength" says to a person. */
export const STRENGTH_NAMES: Readonly<Record<Strength, string>> = {
  password: 'Password',
  phoneOtp: 'Phone OTP',
  mobileId: 'Mobile ID',
  hardwareToken: 'OTP Hardware',
};
