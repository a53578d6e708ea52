import { REPLACEMENT_REASONS } from '../../shared/types.ts';
import { TEMPORARY_STRENGTHS } from '../../shared/wire/helpdesk-schemas.ts';

/** Options of what the helpdesk does for somebody who calls. */

export const CHECK_OPTION = {
  type: 'string',
  requiresArg: true,
  describe: 'The id of the caller check: fobd helpdesk check ACCOUNT',
} as const;

export const APPROVAL_OPTION = {
  type: 'string',
  requiresArg: true,
  describe: "The id of a colleague's approval, where the policy wants one",
} as const;

export const GROUNDS_OPTIONS = {
  check: { ...CHECK_OPTION, demandOption: true },
  reason: {
    type: 'string',
    requiresArg: true,
    demandOption: true,
    describe: 'Why; kept in the audit log, and told to the account',
  },
  approval: APPROVAL_OPTION,
} as const;

export const ACCOUNT = { type: 'string', demandOption: true, describe: 'Of whom it is' } as const;

export const CREDENTIAL_OPTION = {
  type: 'string',
  requiresArg: true,
  describe: 'Which of its credentials: SO-10001-1-1.hardwareToken',
} as const;

export const WHY_OPTION = {
  choices: REPLACEMENT_REASONS,
  requiresArg: true,
  describe: 'What is the matter with the old one',
} as const;

/** Of a temporary code. */
export const TEMPORARY_OPTIONS = {
  life: {
    type: 'string',
    requiresArg: true,
    describe: 'How long the code lives, at most 7d [default: 1d]',
  },
  strength: {
    choices: TEMPORARY_STRENGTHS,
    requiresArg: true,
    describe: 'What the code proves [default: phoneOtp]',
  },
  uses: {
    choices: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    requiresArg: true,
    describe: 'How often the code may be used [default: 1]',
  },
} as const;
