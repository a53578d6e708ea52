import type { Role } from '../../../server/access/roles.ts';
import type { OperationId } from '../../../shared/wire/operations.ts';

/**
 * Who may do what, written from DESIGN sections 4 to 6 and apart from the server's own matrix and
 * roles. An operation that is not here does not compile: somebody has to decide.
 *
 * First the roles, a column each: x is let in, a dot is not. Then the scopes of which one is
 * enough; `*` lets strangers in.
 */
export const ROLE_COLUMNS: readonly Role[] = [
  'administrator',
  'helpdesk',
  'auditor',
  'billing',
  'proofing-agent',
];

type Row = readonly [roles: string, scopes: string];

export const ACCESS: Readonly<Record<OperationId, Row>> = {
  //                         adm hel aud bil pro
  healthz: /*            */ ['x x x x x', '*'],
  readyz: /*             */ ['x x x x x', '*'],
  metrics: /*            */ ['x . . . .', 'metrics:read'],
  verify: /*             */ ['x . . . .', 'verify verify:nextCode verify:detail'],
  importSeedFile: /*     */ ['x . . . .', 'seed-files:import'],
  exportSeedFile: /*     */ ['x . . . .', 'seed-files:export'],
  listTokens: /*         */ ['x x x . x', 'tokens:read'],
  getToken: /*           */ ['x x x . x', 'tokens:read'],
  registerToken: /*      */ ['x x . . .', 'tokens:register tokens:admin'],
  resyncToken: /*        */ ['x x . . .', 'tokens:resync tokens:admin'],
  unlockToken: /*        */ ['x x . . .', 'tokens:unlock tokens:admin'],
  lockToken: /*          */ ['x . . . .', 'tokens:admin'],
  enableToken: /*        */ ['x . . . .', 'tokens:admin'],
  suspendToken: /*       */ ['x . . . .', 'tokens:admin'],
  resumeToken: /*        */ ['x . . . .', 'tokens:admin'],
  loseToken: /*          */ ['x . . . .', 'tokens:admin'],
  findToken: /*          */ ['x . . . .', 'tokens:admin'],
  revokeToken: /*        */ ['x . . . .', 'tokens:admin'],
  resetTokenDrift: /*    */ ['x . . . .', 'tokens:admin'],
  replaceToken: /*       */ ['x . . . .', 'tokens:admin'],
  explainToken: /*       */ ['x . . . .', 'tokens:admin'],
  explainAccount: /*     */ ['x . . . .', 'tokens:admin'],
  listAccounts: /*       */ ['x x x x x', 'accounts:read accounts:admin'],
  addAccount: /*         */ ['x . . . .', 'accounts:admin'],
  getAccount: /*         */ ['x x x x x', 'accounts:read accounts:admin'],
  changeAccount: /*      */ ['x . . . .', 'accounts:admin'],
  disableAccount: /*     */ ['x . . . .', 'accounts:admin'],
  enableAccount: /*      */ ['x . . . .', 'accounts:admin'],
  setPassword: /*        */ ['x . . . .', 'accounts:admin'],
  removePassword: /*     */ ['x . . . .', 'accounts:admin'],
  beginSession: /*       */ ['x . . . .', 'sessions'],
  lookUpSession: /*      */ ['x . . . .', 'sessions'],
  elevateSession: /*     */ ['x . . . .', 'sessions'],
  endSession: /*         */ ['x . . . .', 'sessions'],
  listAccountSessions: /**/ ['x . . . .', 'sessions accounts:admin'],
  endAccountSessions: /* */ ['x . . . .', 'sessions accounts:admin'],
  listApplications: /*   */ ['x . x . .', 'applications:read applications:admin'],
  getApplication: /*     */ ['x . x . .', 'applications:read applications:admin'],
  addApplication: /*     */ ['x . . . .', 'applications:admin'],
  rotateApplication: /*  */ ['x . . . .', 'applications:admin'],
  allowApplication: /*   */ ['x . . . .', 'applications:admin'],
  demandOfApplication: /**/ ['x . . . .', 'applications:admin'],
  revokeApplication: /*  */ ['x . . . .', 'applications:admin'],
  listOidcClients: /*    */ ['x . . . .', 'oidc:admin'],
  getOidcClient: /*      */ ['x . . . .', 'oidc:admin'],
  addOidcClient: /*      */ ['x . . . .', 'oidc:admin'],
  changeOidcClient: /*   */ ['x . . . .', 'oidc:admin'],
  rotateOidcClientSecret: ['x . . . .', 'oidc:admin'],
  removeOidcClient: /*   */ ['x . . . .', 'oidc:admin'],
  listOidcKeys: /*       */ ['x . . . .', 'oidc:admin'],
  rotateOidcKeys: /*     */ ['x . . . .', 'oidc:admin'],
  listAudit: /*          */ ['x . x . .', 'audit:read'],
  verifyAudit: /*        */ ['x . x . .', 'audit:read'],
  getAuditCheckpoint: /* */ ['x . x . .', 'audit:read audit:admin'],
  getAuditPublicKey: /*  */ ['x . x . .', 'audit:read audit:admin'],
  exportAudit: /*        */ ['x . x . .', 'audit:read audit:admin'],
  planAuditRetention: /* */ ['x . x . .', 'audit:read audit:admin'],
  retainAudit: /*        */ ['x . . . .', 'audit:admin'],
  reindexAudit: /*       */ ['x . . . .', 'audit:admin'],
  createBackup: /*       */ ['x . . . .', 'backup:create'],
  listKeys: /*           */ ['x . . . .', 'vault:admin'],
  getKeyRotation: /*     */ ['x . . . .', 'vault:admin'],
  rotateKeys: /*         */ ['x . . . .', 'vault:admin'],
  rewrapKeys: /*         */ ['x . . . .', 'vault:admin'],
  getClock: /*           */ ['x . . . .', 'lab'],
  moveClock: /*          */ ['x . . . .', 'lab'],
};

/** The operations that one is let into, by the table. */
export const allowedByScope = (id: OperationId, scope: string): boolean =>
  isOpenToStrangers(id) || ACCESS[id][1].split(' ').includes(scope);

export function allowedByRole(id: OperationId, role: Role): boolean {
  const cells = ACCESS[id][0].split(' ');
  if (cells.length !== ROLE_COLUMNS.length) throw new Error(`the row of ${id} is not whole`);
  return cells[ROLE_COLUMNS.indexOf(role)] === 'x';
}

export const isOpenToStrangers = (id: OperationId): boolean => ACCESS[id][1] === '*';
