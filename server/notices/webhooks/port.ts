import type { Caller } from '../../access/scopes.ts';
import type { WebhookRecord, WebhookStateRecord } from './record.ts';

export interface NewWebhook {
  readonly url: string;
  /** Types of events; default all. */
  readonly events?: readonly string[] | undefined;
  /** It may be reached at a private address. Default false. */
  readonly allowsPrivate?: boolean | undefined;
}

export interface WebhookDetail {
  readonly webhook: WebhookRecord;
  readonly state: WebhookStateRecord;
}

/** Its secret is shown this once. */
export interface WebhookWithSecret extends WebhookDetail {
  readonly secret: string;
}

export interface WebhookService {
  /** @throws FobtwinError `invalidInput`, `notAllowedNow` when there are too many */
  add(wanted: NewWebhook, caller: Caller): Promise<WebhookWithSecret>;
  list(): Promise<readonly WebhookDetail[]>;
  /**
   * Another secret; the old one signs as well until the overlap ends.
   *
   * @param options.overlapMillis default a day, at most 30
   * @throws FobtwinError `notFound`, `invalidInput`
   */
  rotate(
    id: string,
    options: { readonly overlapMillis?: number | undefined },
    caller: Caller,
  ): Promise<WebhookWithSecret>;
  /** Delivers again, from where it was. @throws FobtwinError `notFound`, `notAllowedNow` */
  enable(id: string, caller: Caller): Promise<WebhookDetail>;
  /** What waits for it is gone too. @throws FobtwinError `notFound` */
  remove(id: string, caller: Caller): Promise<WebhookDetail>;
}
