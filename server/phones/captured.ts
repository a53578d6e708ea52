import { FobtwinError } from '../../shared/errors.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf, put, remove, replyOnly, type Store } from '../store/port.ts';
import type { PhoneGateway, PhoneMessage } from './port.ts';

/**
 * A lab sends nothing: messages are kept in its store in the order in which they were sent, so that
 * a command that opens the data directory for itself finds them too.
 */
export interface CapturedText {
  readonly version: 1;
  /** 1, 2, 3 … */
  readonly sequence: number;
  readonly at: UnixMillis;
  readonly message: PhoneMessage;
}

/** How many there have been. */
interface CapturedHead {
  readonly version: 1;
  readonly sequence: number;
}

export const CAPTURED_TEXTS: Kind<CapturedText> = {
  name: 'capturedText',
  indexes: [],
  indexValues: () => [],
};
export const CAPTURED_HEADS: Kind<CapturedHead> = {
  name: 'capturedTextsHead',
  indexes: [],
  indexValues: () => [],
};

/** The oldest go when there are more. */
export const CAPTURED_TEXTS_MAX = 10_000;

const HEAD_KEY = keyOf(CAPTURED_HEADS, 'texts');
const SEQUENCE_DIGITS = 12;
const textKey = (sequence: number): Key<CapturedText> =>
  keyOf(CAPTURED_TEXTS, String(sequence).padStart(SEQUENCE_DIGITS, '0'));

/** How often another message may come first. */
const ROUNDS_MAX = 100;

export function createCapture(store: Pick<Store, 'transact'>, now: () => UnixMillis): PhoneGateway {
  return {
    name: 'lab',
    takes: () => true,
    async send(message) {
      for (let round = 0; round < ROUNDS_MAX; round += 1) {
        const last = await store.transact([HEAD_KEY], ([head]) => replyOnly(head?.sequence ?? 0));
        if (await capture(store, { version: 1, sequence: last + 1, at: now(), message })) return;
      }
      throw new FobtwinError('unavailable', 'Too many texts are captured at once.');
    },
  };
}

/** False where another took its place meanwhile. */
function capture(store: Pick<Store, 'transact'>, text: CapturedText): Promise<boolean> {
  const { sequence } = text;
  const oldest = textKey(Math.max(0, sequence - CAPTURED_TEXTS_MAX));
  return store.transact([HEAD_KEY, textKey(sequence), oldest], ([head]) => {
    if ((head?.sequence ?? 0) !== sequence - 1) return replyOnly(false);
    const writes = [
      put(HEAD_KEY, { version: 1, sequence }),
      put(textKey(sequence), text),
      ...(sequence > CAPTURED_TEXTS_MAX ? [remove(oldest)] : []),
    ];
    return { writes, auditDrafts: [], reply: true };
  });
}

export interface CapturedPage {
  readonly items: readonly CapturedText[];
  readonly next: string | null;
}

/** In order of time. */
export const listCaptured = (
  store: Pick<Store, 'scan'>,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<CapturedPage> =>
  store.scan(CAPTURED_TEXTS, { ...(after === undefined ? {} : { after }), limit });
