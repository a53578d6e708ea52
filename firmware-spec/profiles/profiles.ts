import type { ProfileName } from '../vocabulary.ts';
import { C30 } from './c30.ts';
import { E6 } from './e6.ts';
import type { Profile } from './profile.ts';

/** Every model, by name; the first is the default. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = { c30: C30, e6: E6 };
