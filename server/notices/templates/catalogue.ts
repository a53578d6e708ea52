/** Every mail there is, with the names of the values that it shows. */
export const NOTICE_TEMPLATES = {
  /** To the purchaser, when an order is placed. */
  orderConfirmation: ['order', 'lines', 'payment'],
  /** By invoice: what is to be paid, against which purchase order. */
  invoice: ['order', 'lines', 'purchaseOrder'],
  orderCancelled: ['order'],
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
  tokenRegistered: ['serial'],
  tokenLocked: ['serial'],
  tokenResynced: ['serial'],
  tokenLost: ['serial'],
  tokenReplaced: ['serial', 'newSerial'],
  tokenRevoked: ['serial'],
  phoneAdded: ['phone'],
  phoneRemoved: ['phone'],
  mobileIdAdded: ['serial'],
  /** With the secret `code`. */
  temporaryCode: ['expires', 'strength', 'reason'],
  /** What the helpdesk has done for somebody who called. */
  helpdeskDone: ['action', 'reason', 'at'],
  emailChanged: ['at'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type NoticeTemplate = keyof typeof NOTICE_TEMPLATES;
