import { FobtwinError } from '../../shared/errors.ts';
import type { PhoneGateway, PhoneMessage } from './port.ts';

/** Brings a message to a phone by the first gateway that takes it. */
export interface PhoneDelivery {
  /** Whether any gateway could take such a message at all. */
  canReach(message: Pick<PhoneMessage, 'kind' | 'country'>): boolean;
  /** @throws FobtwinError `unavailable` when none took it in time */
  deliver(message: PhoneMessage): Promise<void>;
}

export interface DeliveryOptions {
  /** Whoever waits for a code waits so long for the gateways, all together. Default 6,000. */
  readonly deadlineMillis?: number;
  /** Told of each gateway that did not take a message; neither number nor text is in it. */
  readonly onFailure?: (failure: GatewayFailure) => void;
  /** Told of the gateway that took a message. */
  readonly onTaken?: (gateway: string) => void;
}

export interface GatewayFailure {
  readonly gateway: string;
  readonly messageId: string;
  readonly error: unknown;
}

const DEADLINE_MILLIS = 6_000;

/** @param gateways in the order in which they are tried */
export function createDelivery(
  gateways: readonly PhoneGateway[],
  { deadlineMillis = DEADLINE_MILLIS, onFailure, onTaken }: DeliveryOptions = {},
): PhoneDelivery {
  return {
    canReach: (message) => gateways.some((gateway) => gateway.takes(message)),
    async deliver(message) {
      const signal = AbortSignal.timeout(deadlineMillis);
      for (const gateway of gateways) {
        if (!gateway.takes(message) || signal.aborted) continue;
        try {
          await gateway.send(message, signal);
        } catch (error) {
          onFailure?.({ gateway: gateway.name, messageId: message.id, error });
          continue;
        }
        onTaken?.(gateway.name);
        return;
      }
      throw new FobtwinError('unavailable', 'The code could not be sent.', {
        nextStep: 'Try again in half a minute, or choose another phone.',
      });
    },
  };
}
