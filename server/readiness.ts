import { statfs } from 'node:fs/promises';
import type { HealthStatus, HealthWarning, NotReadyReason } from '../shared/wire/schemas.ts';
import type { Store } from './store/port.ts';

/** Whether fobd can take requests, and what keeps it from that. */
export interface Readiness {
  status(): HealthStatus;
  /** Empty while requests are taken; the gravest first. */
  reasons(): readonly NotReadyReason[];
  /** What an operator should see to, while requests are taken all the same. */
  warnings(): readonly HealthWarning[];
  isStopping(): boolean;
  /** From now on it is stopping. */
  stop(): void;
}

export interface ReadinessParts {
  readonly store: Pick<Store, 'failed' | 'state'>;
  readonly isClockSteady: () => boolean;
  /** Whether the disk has less left than is reserved. Default: it has enough. */
  readonly isDiskNearlyFull?: (() => boolean) | undefined;
  /** Whether a mail waits for too long. Default: none does. */
  readonly isMailHeldUp?: (() => boolean) | undefined;
}

/** Asked at each request: looks at what is known, and waits for nothing. */
export function createReadiness({
  store,
  isClockSteady,
  isDiskNearlyFull = () => false,
  isMailHeldUp = () => false,
}: ReadinessParts): Readiness {
  let stopping = false;
  let failed = false;
  void store.failed.then(() => {
    failed = true;
  });
  const isQueueFull = (): boolean => {
    const { waiting, waitingMax } = store.state();
    return waiting >= waitingMax;
  };
  const reasons = (): readonly NotReadyReason[] => {
    const found: readonly (readonly [NotReadyReason, boolean])[] = [
      ['storeFailed', failed],
      ['stopping', stopping],
      ['diskNearlyFull', isDiskNearlyFull()],
      ['queueFull', isQueueFull()],
      ['clockUnsteady', !isClockSteady()],
    ];
    return found.filter(([, holds]) => holds).map(([reason]) => reason);
  };
  return {
    status() {
      if (stopping) return 'stopping';
      return reasons().length === 0 ? 'ok' : 'unavailable';
    },
    reasons,
    warnings: () => (isMailHeldUp() ? ['mailWaits'] : []),
    isStopping: () => stopping,
    stop() {
      stopping = true;
    },
  };
}

/** Bytes that the owner of this process may still write on the file system of `directory`. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

const DISK_CHECK_MILLIS = 10_000;

export interface DiskWatch {
  isNearlyFull(): boolean;
  end(): void;
}

/**
 * Looks at the disk now and every ten seconds. One that cannot be looked at counts as it was: the
 * next write tells.
 *
 * @param reservedBytes less than so much left is nearly full
 */
export async function watchDisk(directory: string, reservedBytes: number): Promise<DiskWatch> {
  let nearlyFull = false;
  const look = async (): Promise<void> => {
    const free = await freeBytes(directory).catch(() => undefined);
    if (free !== undefined) nearlyFull = free < reservedBytes;
  };
  await look();
  const timer = setInterval(() => void look(), DISK_CHECK_MILLIS).unref();
  return { isNearlyFull: () => nearlyFull, end: () => clearInterval(timer) };
}
