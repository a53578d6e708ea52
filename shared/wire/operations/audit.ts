import * as schemas from '../schemas.ts';
import type { Operation } from './operation.ts';

/** Operations on the audit log. */
export const AUDIT_OPERATIONS = {
  listAudit: {
    method: 'GET',
    path: '/v1/audit',
    summary: 'The audit log, oldest first',
    query: schemas.auditQuery,
    status: 200,
    reply: schemas.auditPage,
  },
  verifyAudit: {
    method: 'GET',
    path: '/v1/audit/verification',
    summary: "The audit chain's verdict",
    status: 200,
    reply: schemas.auditVerdict,
  },
} as const satisfies Record<string, Operation>;
