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
  },
  // Users of 30 s fobs report that the button does nothing while a code shows.
  secondPress: 'ignored',
  // Tuning-fork sheets (TF20, ACT 3x8) say +-20 ppm untrimmed; fleets in the field drift by about
  // 4 ppm, so makers trim. The 3 ppm are chosen to fit that.
  crystal: { trimPpm: 3, trimPpmMax: 20 },
  serialPrefix: 'C30-',
};
