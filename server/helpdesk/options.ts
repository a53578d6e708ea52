import { z } from 'zod';

/** What the helpdesk must do before it helps: the file of `--helpdesk`. */
export interface HelpdeskOptions {
  /** Every action needs the approval of a second person. Default false. */
  readonly secondApprover: boolean;
  /** A number counts for a call back once it has been held so long. Default 7. */
  readonly callBackDays: number;
}

export const DEFAULT_HELPDESK: HelpdeskOptions = { secondApprover: false, callBackDays: 7 };

const CALL_BACK_DAYS_MAX = 365;

export const HELPDESK_FORM = {
  name: 'helpdesk',
  example: '{"secondApprover": true, "callBackDays": 7}',
  schema: z.strictObject({
    secondApprover: z.boolean().default(DEFAULT_HELPDESK.secondApprover),
    callBackDays: z
      .int()
      .min(1, 'is at least 1')
      .max(CALL_BACK_DAYS_MAX, `is at most ${CALL_BACK_DAYS_MAX}`)
      .default(DEFAULT_HELPDESK.callBackDays),
  }),
} as const;
