import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { Store } from '../store/port.ts';
import { deriveKey } from '../vault/keys.ts';
import { type AuditDuties, type DutyLog, startAuditDuties } from './duties.ts';
import type { AuditService } from './port.ts';
import { type AuditServiceParts, createAuditService } from './service.ts';
import type { AuditOptions } from './settings.ts';

export interface AuditParts {
  readonly store: Store;
  /** 32 bytes: what wraps the signing key is derived from it. */
  readonly rootKey: Uint8Array;
  readonly rng: Rng;
  /** The time that decisions are taken at. */
  readonly clock: Clock;
  readonly options: AuditOptions;
  /** This machine's, for messages of syslog. */
  readonly hostName: string;
  readonly removing?: AuditServiceParts['removing'];
}

export interface Audit {
  readonly service: AuditService;
  /** Makes checkpoints and forwards entries, as the options say, from now on. */
  startDuties(log: DutyLog): AuditDuties;
}

/** The audit log's service and its duties over a store that is open. */
export function openAudit(parts: AuditParts): Audit {
  const { store, rootKey, rng, clock, options, hostName, removing } = parts;
  const service = createAuditService({
    store,
    wrappingKey: deriveKey(rootKey, 'auditSigning'),
    rng,
    policy: options.policy,
    forwardedTo: options.forward?.id,
    removing,
  });
  return {
    service,
    startDuties: (log) => startAuditDuties({ service, store, options, clock, log, hostName }),
  };
}
