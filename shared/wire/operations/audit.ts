import * as audit from '../audit-schemas.ts';
import * as schemas from '../schemas.ts';
import type { Operation } from './operation.ts';

/** Operations on the audit log. */
export const AUDIT_OPERATIONS = {
  listAudit: {
    method: 'GET',
    path: '/v1/audit',
    summary: 'The audit log, oldest first',
    query: audit.auditQuery,
    status: 200,
    reply: schemas.auditPage,
  },
  verifyAudit: {
    method: 'GET',
    path: '/v1/audit/verification',
    summary: "The audit chain's verdict, held against a checkpoint if one is given",
    query: audit.auditVerificationQuery,
    status: 200,
    reply: audit.auditVerdict,
  },
  getAuditCheckpoint: {
    method: 'GET',
    path: '/v1/audit/checkpoint',
    summary: 'A signed statement of where the log ends now, to be kept elsewhere',
    status: 200,
    reply: audit.auditCheckpoint,
  },
  getAuditPublicKey: {
    method: 'GET',
    path: '/v1/audit/public-key',
    summary: 'The public key that checkpoints are verified with',
    status: 200,
    reply: audit.auditPublicKey,
  },
  exportAudit: {
    method: 'GET',
    path: '/v1/audit/export',
    summary: 'The stored lines exactly, between a header and a signed checkpoint',
    query: audit.auditExportQuery,
    status: 200,
    streamedReply: 'application/x-ndjson',
  },
  planAuditRetention: {
    method: 'GET',
    path: '/v1/audit/retention',
    summary: 'How far a retention would reach; nothing is removed',
    query: audit.auditRetentionQuery,
    status: 200,
    reply: audit.auditRetention,
  },
  retainAudit: {
    method: 'POST',
    path: '/v1/audit/retention',
    summary: 'Remove the oldest entries, as planned and exported',
    body: audit.auditRetentionRequest,
    status: 200,
    reply: audit.auditRetention,
  },
  reindexAudit: {
    method: 'POST',
    path: '/v1/audit/index',
    summary: 'Make the index of the audit log again from its entries',
    body: audit.auditReindexRequest,
    status: 200,
    reply: audit.auditReindexed,
  },
} as const satisfies Record<string, Operation>;
