import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { Store } from '../store/port.ts';
import { deriveKey } from '../vault/keys.ts';
import { type CapturedPage, createCapture, listCaptured } from './captured.ts';
import { createDelivery, type GatewayFailure } from './delivery.ts';
import { createHttpGateway } from './gateway-http.ts';
import { createMailGateway } from './gateway-mail.ts';
import type { PhoneObserver } from './observer.ts';
import { DEFAULT_PHONES_OPTIONS, type GatewayOptions, type PhonesOptions } from './options.ts';
import type { PhoneGateway, PhoneService } from './port.ts';
import type { RightsParts } from './rights.ts';
import { createPhoneService } from './service.ts';

export interface OpenPhonesParts extends RightsParts {
  readonly store: Store;
  readonly options: { readonly phones?: PhonesOptions | undefined };
  /** Nothing is sent there: what would be is captured. */
  readonly lab: boolean;
  readonly clock: Clock;
  /** 32 bytes: keys are derived from it before this returns. */
  readonly rootKey: Uint8Array;
  readonly rng: Rng;
  readonly log: { warn?(details: object, message: string): void };
  /** Default: nobody counts. */
  readonly observe?: PhoneObserver | undefined;
}

/** What a lab has captured. */
export interface CapturedTexts {
  list(query: {
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<CapturedPage>;
}

export interface Phones {
  readonly phones: PhoneService;
  readonly texts: CapturedTexts;
}

export function openPhones(parts: OpenPhonesParts): Phones {
  const { store, options, lab, clock, rootKey, log, observe } = parts;
  const { gateways, countries, limits } = options.phones ?? DEFAULT_PHONES_OPTIONS;
  const opened = lab
    ? [createCapture(store, () => clock.now())]
    : gateways.map((row) => openGateway(row, clock));
  return {
    phones: createPhoneService({
      ...parts,
      countries,
      limits,
      delivery: createDelivery(opened, {
        onTaken: (gateway) => observe?.message(gateway, 'taken'),
        onFailure(failure) {
          observe?.message(failure.gateway, 'failed');
          logFailure(failure, log);
        },
      }),
      onRefused: observe?.refused,
      keys: {
        issuedCodes: deriveKey(rootKey, 'issuedCodes'),
        verification: deriveKey(rootKey, 'phones/verification'),
        spending: deriveKey(rootKey, 'phones/spending'),
      },
    }),
    texts: { list: (query) => listCaptured(store, query) },
  };
}

const openGateway = (options: GatewayOptions, clock: Clock): PhoneGateway =>
  options.type === 'http' ? createHttpGateway(options, clock) : createMailGateway(options);

/** What libraries say of a failure may quote the number: its name and code tell enough. */
function logFailure(
  { gateway, messageId, error }: GatewayFailure,
  log: OpenPhonesParts['log'],
): void {
  const { name, code, status } = (error ?? {}) as Readonly<Record<string, unknown>>;
  const reason = [name, code, status].filter((part) => part !== undefined).join(' ');
  log.warn?.({ gateway, messageId, reason }, 'a phone gateway did not take a message');
}
