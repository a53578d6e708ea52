import { MESSAGES, SLIM_CELL, TRIMMED_CRYSTAL } from './parts.ts';
import type { Profile } from './profile.ts';

/** An event token with one button: each press that shows a code uses up a counter. */
export const E6: Profile = {
  name: 'e6',
  title: 'Event token, 6 digits',
  type: 'event',
  algorithm: 'SHA1',
  digits: 6,
  display: {
    // "LCD up to 8 characters": Swivel's OATH HOTP fob.
    cells: 8,
    countdownMarks: 0,
    // The same fob's table: the code is displayed for 10 s.
    litSeconds: 10,
    messageSeconds: 3,
    icons: ['battery', 'lock'],
  },
  // VIP card: held for 2 s, it shows its counter in hexadecimal at last.
  button: { debounceMillis: 20, holdSeconds: 2 },
  // Chosen: helpdesks report counters run ahead by presses in pocket and bag (University of
  // Maryland, Cornell), so each press counts. Of ActivID's tokens a second press clears the code
  // instead.
  secondPress: 'showsNext',
  menu: ['battery', 'serial', 'counter'],
  messages: MESSAGES,
  crystal: TRIMMED_CRYSTAL,
  // More than 14,000 presses and 4 years by Swivel's table: fitted, with presses as even as that.
  cell: { ...SLIM_CELL, pressMicroampHours: 1.18 },
  serialPrefix: 'E6-',
};
