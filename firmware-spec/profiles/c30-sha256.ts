import { C30 } from './c30.ts';
import type { Profile } from './profile.ts';

/** As `c30`, of the newer kind: SHA-256 (Token2, Protectimus "Shark") and all eight cells. */
export const C30_SHA256: Profile = {
  ...C30,
  name: 'c30-sha256',
  title: 'Time token, SHA-256, 8 digits, 30 s',
  algorithm: 'SHA256',
  digits: 8,
  // Its newer microcontroller spends less on a code: fitted to "5 years or 15,000 codes"
  // (Symantec's VIP card), which at 0.6 come to 4.6 years.
  cell: { ...C30.cell, pressMicroampHours: 0.6 },
  serialPrefix: 'C30S-',
};
