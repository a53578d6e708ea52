import type { UnixMillis } from '../../../shared/types.ts';
import type { PaymentSource } from '../record.ts';

/** How fobd hears that money has come. It moves none itself, and keeps no prices. */

/** A message as it came, not parsed: its signature is over these very bytes. */
export interface SignedMessage {
  readonly body: Uint8Array;
  /** The header that the processor signs in; undefined where it was not sent. */
  readonly signature: string | undefined;
}

/** What a message of a processor comes to. */
export type PaymentMessage =
  | {
      readonly kind: 'payment';
      readonly source: PaymentSource;
      /** As its sender wrote it: it may be no number of an order. */
      readonly order: string;
      readonly reference: string;
    }
  /** About something else than money that has come. */
  | { readonly kind: 'other' };

export interface PaymentProcessor {
  /** The header's name, in lower case. */
  readonly header: string;
  /**
   * @throws FobtwinError `forbidden` for what the processor has not signed just now;
   * `malformedBody` for what it has signed and cannot be read
   */
  read(message: SignedMessage, now: UnixMillis): PaymentMessage;
}
