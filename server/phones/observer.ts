import { LIMIT_NAMES } from './spending.ts';

/** What keeps a code from being sent: one of the limits, or the half minute after the last one. */
export const SENDING_REFUSALS = ['coolDown', ...LIMIT_NAMES] as const;
export type SendingRefusal = (typeof SENDING_REFUSALS)[number];

/** Told of codes on their way to phones, to count them. What it does must not throw. */
export interface PhoneObserver {
  /** A gateway took a message, or did not; then the next one is tried. */
  message(gateway: string, result: 'taken' | 'failed'): void;
  refused(by: SendingRefusal): void;
}
