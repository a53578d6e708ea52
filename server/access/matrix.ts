import type { OperationId } from '../../shared/wire/operations.ts';
import type { Scope } from './scopes.ts';

/**
 * The matrix of checks by endpoints. `scopes` lists those of which the caller needs at least one;
 * an empty list lets anybody in, without an API key. `lab` operations exist only in a lab.
 */
export interface Check {
  readonly scopes: readonly Scope[];
  readonly lab: boolean;
}

const open: Check = { scopes: [], lab: false };
const needs = (...scopes: Scope[]): Check => ({ scopes, lab: false });
const lab: Check = { scopes: ['lab'], lab: true };

export const MATRIX: Readonly<Record<OperationId, Check>> = {
  healthz: open,
  readyz: open,
  verify: needs('verify', 'verify:detail'),
  importSeedFile: needs('seed-files:import'),
  listTokens: needs('tokens:read'),
  getToken: needs('tokens:read'),
  registerToken: needs('tokens:register', 'tokens:admin'),
  resyncToken: needs('tokens:resync', 'tokens:admin'),
  unlockToken: needs('tokens:unlock', 'tokens:admin'),
  lockToken: needs('tokens:admin'),
  enableToken: needs('tokens:admin'),
  suspendToken: needs('tokens:admin'),
  resumeToken: needs('tokens:admin'),
  loseToken: needs('tokens:admin'),
  findToken: needs('tokens:admin'),
  revokeToken: needs('tokens:admin'),
  listAccounts: needs('accounts:read', 'accounts:admin'),
  addAccount: needs('accounts:admin'),
  getAccount: needs('accounts:read', 'accounts:admin'),
  listApplications: needs('applications:admin'),
  addApplication: needs('applications:admin'),
  revokeApplication: needs('applications:admin'),
  listAudit: needs('audit:read'),
  verifyAudit: needs('audit:read'),
  getClock: lab,
  moveClock: lab,
};
