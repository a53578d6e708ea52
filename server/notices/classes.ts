import type { NoticeTemplate } from './templates/catalogue.ts';

/** What a mail is about, for whoever counts mails: as the files of `templates/` have them. */
export const NOTICE_CLASSES = [
  'order',
  'subscription',
  'credential',
  'security',
  'helpdesk',
] as const;
export type NoticeClass = (typeof NOTICE_CLASSES)[number];

/** Of a template; one that is not here does not compile. */
export const CLASS_OF: Readonly<Record<NoticeTemplate, NoticeClass>> = {
  orderConfirmation: 'order',
  invoice: 'order',
  orderCancelled: 'order',
  lineRefused: 'order',
  licenceKey: 'order',
  sponsoredKey: 'order',
  shipped: 'order',
  renewed: 'subscription',
  expiryReminder: 'subscription',
  expired: 'subscription',
  revocationReminder: 'subscription',
  subscriptionRevoked: 'subscription',
  credentialActivated: 'credential',
  proofingScheduled: 'credential',
  proofingPassed: 'credential',
  proofingFailed: 'credential',
  tokenRegistered: 'security',
  tokenLocked: 'security',
  tokenDisabled: 'security',
  tokenResynced: 'security',
  tokenLost: 'security',
  tokenFound: 'security',
  tokenReplaced: 'security',
  tokenRevoked: 'security',
  phoneAdded: 'security',
  phoneRemoved: 'security',
  mobileIdAdded: 'security',
  passwordSet: 'security',
  emailChanged: 'security',
  temporaryCode: 'helpdesk',
  helpdeskDone: 'helpdesk',
};
