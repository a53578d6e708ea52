import type { ReplyOf } from '../../shared/wire/operations.ts';
import { formatFields, formatTable } from './table.ts';
import { moreText } from './token-text.ts';

type CredentialView = ReplyOf<'getCredential'>['credential'];
type SubscriptionView = ReplyOf<'getSubscription'>['subscription'];
type Term = Pick<SubscriptionView, 'status' | 'daysLeft' | 'renewable' | 'revokesAt'>;

export const describeCredential = (credential: CredentialView): string =>
  formatFields({
    id: credential.id,
    account: credential.account,
    product: credential.product,
    stage: credential.stage,
    proofing: credential.proofing === 'notBought' ? 'not bought' : credential.proofing,
    'activation code': credential.activationCodeNeeded ? 'needed' : undefined,
    token: credential.serial,
    replacement: credential.replacement && replacementText(credential.replacement),
    redeemed: credential.createdAt,
    activated: credential.activatedAt,
    registered: credential.registeredAt,
    revoked: credential.revokedAt,
    status: statusText(credential),
    expires: credential.expiresAt,
    'revoked unless renewed before': finalDay(credential),
  });

const replacementText = ({
  grantedAt,
  reason,
  proofAnew,
}: NonNullable<CredentialView['replacement']>): string =>
  `granted ${grantedAt} (${reason})${proofAnew ? ', after proofing anew' : ''}`;

/** Of what is revoked, that is told by itself. */
const finalDay = ({ status, revokesAt }: Term): string | undefined =>
  status === 'revoked' ? undefined : revokesAt;

const statusText = ({ status, daysLeft, renewable }: Term): string => {
  const days =
    daysLeft === undefined ? '' : `, ${daysLeft === 1 ? '1 day' : `${daysLeft} days`} left`;
  return `${status}${days}${renewable ? ', can be renewed' : ''}`;
};

export function listCredentials({ items }: ReplyOf<'listCredentials'>): string {
  const rows = items.map((credential) => [
    credential.id,
    credential.stage,
    credential.proofing,
    credential.serial ?? '-',
    statusText(credential),
    credential.expiresAt,
  ]);
  const headings = ['CREDENTIAL', 'STAGE', 'PROOFING', 'TOKEN', 'STATUS', 'EXPIRES'];
  return formatTable(headings, rows, 'No credentials.');
}

export const describeSubscription = (subscription: SubscriptionView): string =>
  formatFields({
    id: subscription.id,
    product: subscription.product,
    purchaser: subscription.purchaser,
    organisation: subscription.organisation,
    'redeemed by': subscription.account ?? 'nobody yet',
    credentials: subscription.credentials.map(({ id, stage }) => `${id} (${stage})`).join(', '),
    tokens: serialsOf(subscription),
    purchased: subscription.purchasedAt,
    status: statusText(subscription),
    expires: subscription.expiresAt,
    'revoked unless renewed before': finalDay(subscription),
    renewals: String(subscription.renewals),
    renewed: subscription.renewedAt,
    revoked: subscription.revokedAt,
    warranty: subscription.underWarranty ? 'covered' : 'over',
  });

const serialsOf = ({ credentials }: SubscriptionView): string =>
  credentials.flatMap(({ serial }) => serial ?? []).join(', ') || '-';

export function listSubscriptions({ items, nextCursor }: ReplyOf<'listSubscriptions'>): string {
  const rows = items.map((subscription) => [
    subscription.id,
    subscription.product,
    subscription.account ?? '-',
    serialsOf(subscription),
    statusText(subscription),
    subscription.expiresAt,
  ]);
  const headings = ['SUBSCRIPTION', 'PRODUCT', 'ACCOUNT', 'TOKENS', 'STATUS', 'EXPIRES'];
  return formatTable(headings, rows, 'No subscriptions.') + moreText(nextCursor);
}
