import path from 'node:path';
import { z } from 'zod';
import { HELPDESK_FORM, type HelpdeskOptions } from './helpdesk/options.ts';
import { createMailOptions, MAIL_FILE, type MailOptions } from './notices/options.ts';
import { createPaymentsOptions, PAYMENTS_FORM, type PaymentsOptions } from './orders/options.ts';
import { createPhonesOptions, PHONES_FORM, type PhonesOptions } from './phones/options.ts';
import { createProofingOptions, PROOFING_FORM, type ProofingOptions } from './proofing/options.ts';
import { fileOptions } from './settings-file.ts';

/**
 * What can be chosen of the business: rows for the server's settings, as `edge-settings.ts` has
 * those of the edges. Each names a JSON file; its form and its defaults stand in the room.
 */

const file = z.string().min(1, 'is empty').max(4096, 'is too long');

/** The label of an otpauth address ends the issuer with a colon. */
const ISSUER = /^[^\p{Cc}\p{Cs}:]{1,64}$/u;

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
  /** Who stands beside the codes of a Mobile ID in an app. */
  mobileIdIssuer: {
    flag: '--mobile-id-issuer',
    variable: 'FOBD_MOBILE_ID_ISSUER',
    schema: z.string().regex(ISSUER, 'is at most 64 characters, none of them a colon'),
  },
} as const;

type Name = keyof typeof BUSINESS_SETTINGS;
export type BusinessSettings = { readonly [N in Name]: string | undefined };

/** What each room makes of its file; a room adds its own. */
export interface BusinessOptions {
  readonly mail?: MailOptions | undefined;
  readonly proofing?: ProofingOptions | undefined;
  readonly phones?: PhonesOptions | undefined;
  readonly helpdesk?: HelpdeskOptions | undefined;
  readonly mobileIdIssuer?: string | undefined;
  readonly payments?: PaymentsOptions | undefined;
}

/**
 * @param directory absolute; what relative paths are relative to
 * @throws FobtwinError `usage` naming the flag, the file and what is wrong in it
 */
export function createBusinessOptions(
  settings: BusinessSettings,
  directory: string,
): BusinessOptions {
  const given = { settings, rows: BUSINESS_SETTINGS, directory };
  return {
    mail: fileOptions(MAIL_FILE, given, createMailOptions),
    proofing: fileOptions(PROOFING_FORM, given, (file, place) =>
      createProofingOptions(file, path.dirname(place)),
    ),
    phones: fileOptions(PHONES_FORM, given, createPhonesOptions),
    helpdesk: fileOptions(HELPDESK_FORM, given, (options) => options),
    mobileIdIssuer: settings.mobileIdIssuer,
    payments: fileOptions(PAYMENTS_FORM, given, createPaymentsOptions),
  };
}
