import type { Principal } from '../access/scopes.ts';

/** Who sends, follows and gives up: nobody asked for it. */
export const SYSTEM: Principal = { actor: 'system', scopes: new Set() };
