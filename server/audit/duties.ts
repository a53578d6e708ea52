import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import { SYSTEM } from '../access/scopes.ts';
import type { Store } from '../store/port.ts';
import { keepCheckpoint } from './checkpoint-place.ts';
import { type ForwardLog, startForwarder } from './forward/forwarder.ts';
import { createSender } from './forward/senders.ts';
import type { AuditService } from './port.ts';
import type { AuditOptions } from './settings.ts';

/** What a serving fobd does for its audit log without being asked: checkpoints, forwarding. */

export interface DutyLog extends ForwardLog {
  error(details: object, message: string): void;
}

export interface DutyParts {
  readonly service: Pick<AuditService, 'checkpoint'>;
  readonly store: Pick<Store, 'auditLog' | 'transact'>;
  readonly options: AuditOptions;
  /** The time that decisions are taken at. */
  readonly clock: Clock;
  readonly log: DutyLog;
  /** Named in messages of syslog. */
  readonly hostName: string;
}

export interface AuditDuties {
  /** Makes a last checkpoint, sends what is left, and ends. Call it before the store closes. */
  stop(): Promise<void>;
}

/** The longest that a timer of Node can be. */
const TIMER_MILLIS_MAX = 2 ** 31 - 1;

export function startAuditDuties(parts: DutyParts): AuditDuties {
  const { store, options, log, hostName } = parts;
  const { forward } = options;
  const forwarder =
    forward === undefined
      ? undefined
      : startForwarder({
          store,
          destination: forward,
          sender: createSender(forward, { hostName }),
          log,
        });
  const checkpoints = startCheckpoints(parts);
  return {
    async stop() {
      await Promise.all([checkpoints?.stop(), forwarder?.stop()]);
    },
  };
}

function startCheckpoints(parts: DutyParts): AuditDuties | undefined {
  const { checkpointMillis } = parts.options;
  if (checkpointMillis === undefined) return undefined;
  const ending = new AbortController();
  let lastSequence = -1;
  const make = async (): Promise<void> => {
    try {
      lastSequence = await makeCheckpoint(parts, lastSequence);
    } catch (err) {
      parts.log.error({ err }, 'no checkpoint of the audit log could be kept');
    }
  };
  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await make();
      await pause(checkpointMillis, ending.signal);
    }
    // The last word of a run: what it recorded cannot be taken back unnoticed.
    await make();
  };
  const running = run();
  return {
    async stop() {
      ending.abort();
      await running;
    },
  };
}

/** @returns the sequence that is vouched for now; nothing is kept where that is `lastSequence` */
async function makeCheckpoint(
  { service, clock, options, log }: DutyParts,
  lastSequence: number,
): Promise<number> {
  const checkpoint = await service.checkpoint({ principal: SYSTEM, now: clock.now() });
  if (checkpoint.sequence === lastSequence) return lastSequence;
  const { checkpointPlace } = options;
  if (checkpointPlace === undefined) log.info({ checkpoint }, 'checkpoint of the audit log');
  else await keepCheckpoint(checkpointPlace, checkpoint);
  return checkpoint.sequence;
}

async function pause(millis: number, signal: AbortSignal): Promise<void> {
  for (let left = millis; left > 0 && !signal.aborted; left -= TIMER_MILLIS_MAX) {
    const piece = Math.min(left, TIMER_MILLIS_MAX);
    await delay(piece, undefined, { signal }).catch(() => undefined);
  }
}
