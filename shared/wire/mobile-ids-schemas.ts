import { z } from 'zod';
import { body, codeField, credentialField, refuseEqualCodes } from './fields.ts';

/** Mobile IDs on the wire. */

/** Without a credential: for staff. */
export const mobileIdRequest = body({ credential: credentialField.optional() });

/** Shown this once: whoever reads it has the Mobile ID. */
export const mobileIdReply = z.object({
  serial: z.string(),
  /** Key URI of authenticator apps. */
  uri: z.string(),
  /** Its QR code, as SVG. */
  qrCode: z.string(),
});

/** Two codes of the app that follow each other. */
export const mobileIdConfirmationRequest = body({ code1: codeField, code2: codeField }).superRefine(
  refuseEqualCodes,
);
