import { z } from 'zod';

/**
 * What can be chosen of the business: rows for the server's settings, as `edge-settings.ts` has
 * those of the edges. Each names a JSON file; its form and its defaults stand in the room.
 */

const file = z.string().min(1, 'is empty').max(4096, 'is too long');

export const BUSINESS_SETTINGS = {
  /** The mail server, and who writes: `server/notices/options.ts`. */
  mail: { flag: '--mail', variable: 'FOBD_MAIL', schema: file },
  /** What a processor's webhooks are signed with: `server/orders/options.ts`. */
  payments: { flag: '--payments', variable: 'FOBD_PAYMENTS', schema: file },
  /** Gateways for texts and calls, and what they may cost: `server/phones/options.ts`. */
  phones: { flag: '--phones', variable: 'FOBD_PHONES', schema: file },
  /** Who asks the questions of instant proofing: `server/proofing/options.ts`. */
  proofing: { flag: '--proofing', variable: 'FOBD_PROOFING', schema: file },
  /** What the helpdesk must do before it helps: `server/helpdesk/options.ts`. */
  helpdesk: { flag: '--helpdesk', variable: 'FOBD_HELPDESK', schema: file },
} as const;

type Name = keyof typeof BUSINESS_SETTINGS;
export type BusinessSettings = { readonly [N in Name]: string | undefined };

/** What each room makes of its file; a room adds its own. */
// biome-ignore lint/suspicious/noEmptyInterface: rooms add theirs
export interface BusinessOptions {}

/**
 * @param directory absolute; what relative paths are relative to
 * @throws FobtwinError `usage` naming the flag, the file and what is wrong in it
 */
export function createBusinessOptions(
  _settings: BusinessSettings,
  _directory: string,
): BusinessOptions {
  return {};
}
