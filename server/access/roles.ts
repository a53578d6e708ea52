import { type AccountRole, STAFF_ROLES, type StaffRole } from '../../shared/types.ts';
import { SCOPES, type Scope } from './scopes.ts';

/**
 * Roles: named sets of scopes, each with the reason why it holds what it holds. An application that
 * is added with a role gets the scopes that the role has then: a later version that changes a role
 * changes nobody's rights, and the name stays beside them for whoever reviews access.
 */
export const ROLES = STAFF_ROLES;
export type Role = StaffRole;

/** Those of an account's roles that are staff's. */
export const staffRolesOf = (roles: readonly AccountRole[]): readonly Role[] =>
  ROLES.filter((role) => roles.includes(role));

export interface RoleDefinition {
  readonly scopes: readonly Scope[];
  /** What such a person does all day, and why that needs these scopes and no others. */
  readonly reason: string;
}

export const ROLE_DEFINITIONS: Readonly<Record<Role, RoleDefinition>> = {
  administrator: {
    scopes: SCOPES,
    reason: 'Runs the server, and grants others their part of it: nobody grants what he lacks.',
  },
  helpdesk: {
    scopes: [
      'accounts:read',
      'credentials:read',
      'helpdesk',
      'tokens:read',
      'tokens:register',
      'tokens:resync',
      'tokens:unlock',
    ],
    reason:
      'Gets a caller going again: finds his token, registers or resyncs it with the codes he ' +
      'reads out, and unlocks what his own mistakes locked. Lifts no hold that an administrator ' +
      'set, since a voice on the telephone could ask for that too.',
  },
  auditor: {
    scopes: ['accounts:read', 'applications:read', 'audit:read', 'tokens:read'],
    reason: 'Reads the log, and who may do what. Changes nothing, so that nobody audits himself.',
  },
  billing: {
    scopes: ['accounts:read', 'credentials:read', 'orders:read', 'orders:admin', 'payments'],
    reason:
      'Takes orders, marks invoices paid and ships. Has no business with tokens, codes or the log.',
  },
  'proofing-agent': {
    scopes: ['accounts:read', 'credentials:read', 'proofing:agent', 'tokens:read'],
    reason:
      'Sees whether the person in front of him has the token that he shows. Binds none himself: ' +
      'one who proofs people and registers their tokens could be both of them.',
  },
};

/** The role itself, or `undefined` when there is none of that name. */
export const parseRole = (text: string): Role | undefined => ROLES.find((role) => role === text);
