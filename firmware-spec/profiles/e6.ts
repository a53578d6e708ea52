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
  },
  // Chosen: helpdesks report counters run ahead by presses in pocket and bag (University of
  // Maryland, Cornell), so each press counts. Of ActivID's tokens a second press clears the code
  // instead.
  secondPress: 'showsNext',
  crystal: { trimPpm: 3, trimPpmMax: 20 },
  serialPrefix: 'E6-',
};
