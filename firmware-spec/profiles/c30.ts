import { MESSAGES, SLIM_CELL, TRIMMED_CRYSTAL } from './parts.ts';
import type { Profile } from './profile.ts';

/** The default: a time token with one button, as most banks and agencies hand out. */
export const C30: Profile = {
  name: 'c30',
  title: 'Time token, 6 digits, 30 s',
  type: 'time',
  algorithm: 'SHA1',
  digits: 6,
  stepSeconds: 30,
  display: {
    // Six digits on an eight-character LCD: Digipass GO 3 (teardowns) and GO 6 (vendor table).
    cells: 8,
    // A bar for each part of the step that is left: SecurID SID700 and FortiToken-200, whose
    // steps are 60 s and parts 10 s.
    countdownMarks: 6,
    // Digipass GO 7 goes off after about 32 s; Token2 offers 15, 30, 60 and 120 s.
    litSeconds: 30,
    // Chosen: long enough to read one word.
    messageSeconds: 3,
    icons: ['battery', 'lock'],
  },
  // 20 ms is the usual debounce of a small key. Digipass GO 7 opens its menu after 6 s.
  button: { debounceMillis: 20, holdSeconds: 6 },
  // Users of 30 s fobs report that the button does nothing while a code shows.
  secondPress: 'ignored',
  // Digipass GO 7: time, battery, serial.
  menu: ['time', 'battery', 'serial'],
  messages: MESSAGES,
  crystal: TRIMMED_CRYSTAL,
  cell: SLIM_CELL,
  serialPrefix: 'C30-',
};
