import { MESSAGES, THICK_CELL, TRIMMED_CRYSTAL } from './parts.ts';
import type { Profile } from './profile.ts';

/** A time token of the thicker kind: steps of 60 s (Feitian c200, FortiToken-200). */
export const C60: Profile = {
  name: 'c60',
  title: 'Time token, 6 digits, 60 s',
  type: 'time',
  algorithm: 'SHA1',
  digits: 6,
  stepSeconds: 60,
  display: {
    cells: 8,
    // FortiToken-200: a bar for each 10 s of the 60.
    countdownMarks: 6,
    // The same token's display goes off when the 60 s are up.
    litSeconds: 60,
    messageSeconds: 3,
    icons: ['battery', 'lock'],
  },
  button: { debounceMillis: 20, holdSeconds: 6 },
  // ActivID's tokens: a short press clears the code, the next one shows again.
  secondPress: 'darkens',
  menu: ['time', 'battery', 'serial'],
  messages: MESSAGES,
  crystal: TRIMMED_CRYSTAL,
  cell: THICK_CELL,
  serialPrefix: 'C60-',
};
