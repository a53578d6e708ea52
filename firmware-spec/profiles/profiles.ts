import type { ProfileName } from '../vocabulary.ts';
import { A60 } from './a60.ts';
import { C30 } from './c30.ts';
import { C30_SHA256 } from './c30-sha256.ts';
import { C60 } from './c60.ts';
import { E6 } from './e6.ts';
import { P30 } from './p30.ts';
import type { Profile } from './profile.ts';

/** Every model, by name; the first is the default. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  c30: C30,
  e6: E6,
  c60: C60,
  'c30-sha256': C30_SHA256,
  p30: P30,
  a60: A60,
};
