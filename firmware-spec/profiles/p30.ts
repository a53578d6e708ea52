import { MESSAGES, SLIM_CELL, TRIMMED_CRYSTAL } from './parts.ts';
import type { Profile } from './profile.ts';

/** A time token with a PIN pad, which locks itself (Digipass 260 and 270, HSBC Secure Key). */
export const P30: Profile = {
  name: 'p30',
  title: 'Time token with a PIN pad, 6 digits, 30 s',
  type: 'time',
  algorithm: 'SHA1',
  digits: 6,
  stepSeconds: 30,
  display: {
    cells: 8,
    countdownMarks: 6,
    litSeconds: 30,
    messageSeconds: 3,
    icons: ['battery', 'lock'],
  },
  button: { debounceMillis: 20 },
  // The button of a PIN pad switches it on and off.
  secondPress: 'darkens',
  menu: [],
  // A locked Secure Key shows seven digits to ask an unlock code for.
  messages: { ...MESSAGES, deviceLocked: 'challenge' },
  // FAIL 1 to FAIL 3 and then locked: Secure Key. (Digipass 260: five.)
  pin: { digitsMin: 4, digitsMax: 8, tries: 3, challengeDigits: 7 },
  crystal: TRIMMED_CRYSTAL,
  cell: SLIM_CELL,
  serialPrefix: 'P30-',
};
