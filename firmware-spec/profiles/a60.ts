import { MESSAGES, THICK_CELL, TRIMMED_CRYSTAL } from './parts.ts';
import type { Profile } from './profile.ts';

/** Always lit, without a button, with an end built in: in the manner of SecurID SID700. */
export const A60: Profile = {
  name: 'a60',
  title: 'Always lit, 6 digits, 60 s, ends after 3 years',
  type: 'time',
  algorithm: 'SHA1',
  digits: 6,
  stepSeconds: 60,
  display: {
    cells: 8,
    // SID700: a bar on the left edge for each 10 s that are left.
    countdownMarks: 6,
    // Never goes off; what a display's time would be.
    litSeconds: 60,
    messageSeconds: 3,
    icons: ['battery'],
  },
  button: { debounceMillis: 20 },
  secondPress: 'ignored',
  menu: [],
  messages: MESSAGES,
  // Designed for about 3 years with the end printed on its back.
  alwaysOn: { years: 3 },
  crystal: TRIMMED_CRYSTAL,
  // No press costs anything. Fitted, the display included, to a cell that lasts 7 years (an
  // operator's page on the SID700: "expected >7 y").
  cell: { ...THICK_CELL, sleepMicroamps: 3.0, pressMicroampHours: 0 },
  serialPrefix: 'A60-',
};
