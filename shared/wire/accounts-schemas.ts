import { z } from 'zod';
import { parseCountry } from '../countries.ts';
import type { FieldErrorCode } from '../errors.ts';
import { MAIL_ADDRESS, MAIL_ADDRESS_CHARACTERS_MAX } from '../mail-address.ts';
import { ACCOUNT_ROLES } from '../types.ts';
import {
  accountField,
  body,
  nameField,
  page,
  parsedField,
  reasonField,
  timeField,
} from './fields.ts';

/** Accounts on the wire: whom tokens are registered to, and what is known of the person. */

const code = (name: FieldErrorCode): FieldErrorCode => name;

/** Longer than any password that is taken: which one is too long is the password's rule to say. */
const PASSWORD_TEXT_MAX = 1024;

export const emailField = z
  .string({ error: code('wrongType') })
  .max(MAIL_ADDRESS_CHARACTERS_MAX, code('tooLong'))
  .regex(MAIL_ADDRESS, code('badFormat'))
  .meta({ description: 'E-mail address', example: 'jennifer@example.com' });

export const countryField = parsedField(2, parseCountry, 'notAllowed').meta({
  description: 'ISO 3166-1 alpha-2',
  example: 'US',
});

const rolesField = z
  .array(z.enum(ACCOUNT_ROLES, { error: code('notAllowed') }), { error: code('wrongType') })
  .min(1, code('required'))
  .max(ACCOUNT_ROLES.length, code('tooMany'))
  .refine((roles) => new Set(roles).size === roles.length, { error: code('duplicate') })
  .meta({ description: 'What it may do for others of its organisation; `user` unless given' });

const profile = {
  /** For people: how the account is called on screen. */
  name: nameField,
  /** As it stands in a passport. */
  legalName: nameField,
  organisation: nameField,
  email: emailField,
  country: countryField,
  roles: rolesField,
};

export const accountRequest = body({ id: accountField, ...z.object(profile).partial().shape });

/** `null` takes a field away; what is absent stays. */
export const accountChangeRequest = body({
  name: profile.name.nullable().optional(),
  legalName: profile.legalName.nullable().optional(),
  organisation: profile.organisation.nullable().optional(),
  email: profile.email.nullable().optional(),
  country: profile.country.nullable().optional(),
  roles: profile.roles.nullable().optional(),
});

/** Kept in the audit log. */
export const accountStateRequest = body({ reason: reasonField.optional() });

export const accountPasswordRequest = body({
  password: z
    .string({ error: code('wrongType') })
    .max(PASSWORD_TEXT_MAX, code('tooLong'))
    .meta({ description: 'As the person will type it', example: 'correct horse battery staple' }),
});

export const accountView = z.object({
  id: z.string(),
  name: z.string().optional(),
  legalName: z.string().optional(),
  organisation: z.string().optional(),
  email: z.string().optional(),
  country: z.string().optional(),
  roles: z.array(z.enum(ACCOUNT_ROLES)),
  createdAt: timeField,
  /** Present while it is disabled here: it signs in nowhere. */
  disabledAt: timeField.optional(),
  /** Present while its directory has refused it as disabled. */
  directoryDisabledAt: timeField.optional(),
  /** Whether its password is a directory's. */
  directory: z.boolean(),
  /** What else it signs in as: what its directory calls it. */
  otherNames: z.array(z.string()).optional(),
  /** Serials registered to the account, oldest registration first. */
  serials: z.array(z.string()),
});
export const accountReply = z.object({ account: accountView });
export const accountPage = page(accountView);
