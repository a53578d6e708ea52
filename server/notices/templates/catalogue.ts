/**
 * Every mail there is, with the names of the values that it shows. Days and moments are given as
 * RFC 3339 (`formatTime`), and shown as `14 March 2027`; products by their names.
 */
export const NOTICE_TEMPLATES = {
  /** To the purchaser, when an order is placed. */
  orderConfirmation: ['order', 'lines', 'payment'],
  /** By invoice: what is to be paid, against which purchase order. */
  invoice: ['order', 'lines', 'purchaseOrder'],
  orderCancelled: ['order'],
  /** To the purchaser: something was paid for and cannot be carried out any more. */
  lineRefused: ['order', 'product', 'subscription'],
  /** To the purchaser; with the secret `licenceKey`. */
  licenceKey: ['order', 'product', 'subscription', 'expires'],
  /** To whom somebody's company has paid for; with the secret `licenceKey`. */
  sponsoredKey: ['order', 'product', 'subscription', 'expires', 'organisation'],
  shipped: ['order', 'shipped', 'carrier', 'tracking'],
  renewed: ['subscription', 'product', 'expires'],
  expiryReminder: ['subscription', 'product', 'expires', 'days'],
  expired: ['subscription', 'product', 'expired', 'revokes'],
  revocationReminder: ['subscription', 'product', 'revokes', 'days'],
  subscriptionRevoked: ['subscription', 'product', 'revoked'],
  credentialActivated: ['credential', 'product'],
  proofingScheduled: ['at', 'agent'],
  proofingPassed: ['method'],
  proofingFailed: ['method'],
  /** From here on: written by the follower of the audit log, unless it is said otherwise. */
  tokenRegistered: ['serial', 'at'],
  tokenLocked: ['serial', 'at'],
  tokenDisabled: ['serial', 'at'],
  tokenResynced: ['serial', 'at'],
  tokenLost: ['serial', 'at'],
  tokenFound: ['serial', 'at'],
  tokenReplaced: ['serial', 'newSerial', 'at'],
  tokenRevoked: ['serial', 'at'],
  phoneAdded: ['phone', 'at'],
  phoneRemoved: ['phone', 'at'],
  mobileIdAdded: ['serial', 'at'],
  passwordSet: ['at'],
  /** By the helpdesk, with the secret `code`. */
  temporaryCode: ['expires', 'strength', 'reason'],
  /** By the helpdesk: what it has done for somebody who called. */
  helpdeskDone: ['action', 'reason', 'at'],
  /** By whoever changes it, to the address before. */
  emailChanged: ['at'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type NoticeTemplate = keyof typeof NOTICE_TEMPLATES;

/** What of them nobody else may read: encrypted in the store, and gone from it once it was sent. */
const SECRETS = {
  licenceKey: ['licenceKey'],
  sponsoredKey: ['licenceKey'],
  temporaryCode: ['code'],
} as const satisfies { readonly [T in NoticeTemplate]?: readonly string[] };

export const NOTICE_SECRETS: { readonly [T in NoticeTemplate]?: readonly string[] } = SECRETS;

type SecretOf<T> = T extends keyof typeof SECRETS ? (typeof SECRETS)[T][number] : never;

/** All that a template shows, by name. */
export type ShownValues<T extends NoticeTemplate> = Readonly<
  Record<(typeof NOTICE_TEMPLATES)[T][number] | SecretOf<T>, string>
>;
