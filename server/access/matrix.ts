import type { Strength } from '../../shared/types.ts';
import type { OperationId } from '../../shared/wire/operations.ts';
import type { Scope } from './scopes.ts';

/**
 * The matrix of checks by endpoints. `scopes` lists those of which the caller needs at least one;
 * an empty list lets anybody in, without an API key. `self` lets people in as well who have signed
 * in with that strength, for the account in the path that is their own. `lab` operations exist only
 * in a lab.
 */
export interface Check {
  readonly scopes: readonly Scope[];
  readonly lab: boolean;
  readonly self?: Strength;
}

const open: Check = { scopes: [], lab: false };
const needs = (...scopes: Scope[]): Check => ({ scopes, lab: false });
/** For the person at `strength`, and for whoever has one of the scopes. */
export const personOr = (self: Strength, ...scopes: Scope[]): Check => ({
  scopes,
  lab: false,
  self,
});
const lab: Check = { scopes: ['lab'], lab: true };

export const MATRIX: Readonly<Record<OperationId, Check>> = {
  healthz: open,
  readyz: open,
  metrics: needs('metrics:read'),
  verify: needs('verify', 'verify:nextCode', 'verify:detail'),
  importSeedFile: needs('seed-files:import'),
  exportSeedFile: needs('seed-files:export'),
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
  resetTokenDrift: needs('tokens:admin'),
  replaceToken: needs('tokens:admin'),
  listAccounts: needs('accounts:read', 'accounts:admin'),
  addAccount: needs('accounts:admin'),
  getAccount: needs('accounts:read', 'accounts:admin'),
  changeAccount: needs('accounts:admin'),
  disableAccount: needs('accounts:admin'),
  enableAccount: needs('accounts:admin'),
  setPassword: needs('accounts:admin'),
  removePassword: needs('accounts:admin'),
  beginSession: needs('sessions'),
  lookUpSession: needs('sessions'),
  elevateSession: needs('sessions'),
  endSession: needs('sessions'),
  listAccountSessions: needs('sessions', 'accounts:admin'),
  endAccountSessions: needs('sessions', 'accounts:admin'),
  listApplications: needs('applications:read', 'applications:admin'),
  getApplication: needs('applications:read', 'applications:admin'),
  addApplication: needs('applications:admin'),
  rotateApplication: needs('applications:admin'),
  allowApplication: needs('applications:admin'),
  demandOfApplication: needs('applications:admin'),
  revokeApplication: needs('applications:admin'),
  listOidcClients: needs('oidc:admin'),
  getOidcClient: needs('oidc:admin'),
  addOidcClient: needs('oidc:admin'),
  changeOidcClient: needs('oidc:admin'),
  rotateOidcClientSecret: needs('oidc:admin'),
  removeOidcClient: needs('oidc:admin'),
  listOidcKeys: needs('oidc:admin'),
  rotateOidcKeys: needs('oidc:admin'),
  listAudit: needs('audit:read'),
  verifyAudit: needs('audit:read'),
  createBackup: needs('backup:create'),
  explainToken: needs('tokens:admin'),
  explainAccount: needs('tokens:admin'),
  getAuditCheckpoint: needs('audit:read', 'audit:admin'),
  getAuditPublicKey: needs('audit:read', 'audit:admin'),
  exportAudit: needs('audit:read', 'audit:admin'),
  planAuditRetention: needs('audit:read', 'audit:admin'),
  retainAudit: needs('audit:admin'),
  reindexAudit: needs('audit:admin'),
  listKeys: needs('vault:admin'),
  getKeyRotation: needs('vault:admin'),
  rotateKeys: needs('vault:admin'),
  rewrapKeys: needs('vault:admin'),
  getClock: lab,
  moveClock: lab,
};
