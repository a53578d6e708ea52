import type { UnixMillis } from '../../shared/types.ts';
import { isShipped } from './lines.ts';
import type { OrderRecord } from './record.ts';

/** A hardware token can take up to five days to be delivered (seed 000). */
export const DELIVERY_DAYS_MAX = 5;

const DAY_MILLIS = 86_400_000;

/** When what is sent by post has come at the latest; undefined where nothing is, or before paid. */
export const expectedBy = ({ lines, paidAt }: OrderRecord): UnixMillis | undefined =>
  paidAt === undefined || !isShipped(lines)
    ? undefined
    : ((paidAt + DELIVERY_DAYS_MAX * DAY_MILLIS) as UnixMillis);
