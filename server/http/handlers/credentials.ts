import type { Code, UnixMillis } from '../../../shared/types.ts';
import type { Caller } from '../../access/scopes.ts';
import type { CredentialDetail, CredentialService } from '../../credentials/port.ts';
import { unknownKey } from '../../credentials/redemption.ts';
import { parseLicenceKey } from '../../orders/licence-key.ts';
import type { SubscriptionPage, SubscriptionService } from '../../subscriptions/port.ts';
import { viewCredential, viewSubscription } from '../credential-view.ts';
import { formatCursor, parseCursor } from '../cursor.ts';
import { momentOf } from '../moment.ts';
import type { Handlers } from './handler.ts';

type CredentialIds =
  | 'redeemLicenceKey'
  | 'listCredentials'
  | 'getCredential'
  | 'activateCredential'
  | 'registerCredentialToken'
  | 'replaceCredentialToken'
  | 'revokeCredential';
type SubscriptionIds =
  | 'listRenewals'
  | 'listOrganisationSubscriptions'
  | 'listSubscriptions'
  | 'getSubscription';

interface Rooms {
  readonly credentials: CredentialService;
  readonly subscriptions: SubscriptionService;
}

export const credentialHandlers = (rooms: Rooms): Handlers<CredentialIds | SubscriptionIds> => ({
  ...ownHandlers(rooms),
  ...subscriptionHandlers(rooms),
});

const one = (detail: CredentialDetail, { now }: Caller) => ({
  credential: viewCredential(detail, now),
});
const several = (details: readonly CredentialDetail[], { now }: Caller) => ({
  items: details.map((detail) => viewCredential(detail, now)),
});

const ownHandlers = ({ credentials }: Rooms): Handlers<CredentialIds> => ({
  async redeemLicenceKey({ params: { id }, body: { licenceKey }, caller }) {
    const key = parseLicenceKey(licenceKey);
    // A mistyped key is none by its check character: nothing need be looked up.
    if (key === undefined) throw unknownKey();
    return several(await credentials.redeem(id, key, caller), caller);
  },
  async listCredentials({ params: { id }, caller }) {
    return several(await credentials.list(id), caller);
  },
  async getCredential({ params: { id, credential }, caller }) {
    return one(await credentials.get(id, credential), caller);
  },
  async activateCredential({ params: { id, credential }, body: { activationCode }, caller }) {
    return one(await credentials.activate(id, credential, activationCode, caller), caller);
  },
  async registerCredentialToken({ params: { id, credential }, body, caller }) {
    const { serial, code1, code2 } = body;
    // The schema has let only six to eight digits through.
    const codes = { code1: code1 as Code, code2: code2 as Code };
    const answer = await credentials.registerToken(
      { account: id, credential, serial, ...codes },
      caller,
    );
    const { outcome, retryAfterSeconds, warnings } = answer;
    const reply = { outcome, retryAfterSeconds, warnings: [...warnings] };
    if (outcome !== 'accepted') return reply;
    return { ...reply, ...one(await credentials.get(id, credential), caller) };
  },
  async replaceCredentialToken({ params: { id, credential }, body: { reason }, caller }) {
    const command = { account: id, credential, reason };
    return one(await credentials.grantReplacement(command, caller), caller);
  },
  async revokeCredential({ params: { id, credential }, body: { confirmed }, caller }) {
    const command = { account: id, credential, confirmed: confirmed === true };
    return one(await credentials.revoke(command, caller), caller);
  },
});

const subscriptionHandlers = ({ subscriptions }: Rooms): Handlers<SubscriptionIds> => {
  const view = async ({ items, next }: SubscriptionPage, now: UnixMillis) => ({
    items: (await subscriptions.detailsOf(items)).map((detail) => viewSubscription(detail, now)),
    nextCursor: formatCursor(next),
  });
  return {
    async listRenewals({ params: { id }, query: { cursor, before, ...query }, caller: { now } }) {
      const until = before === undefined ? undefined : momentOf(before, '/query/before');
      const asked = { ...query, account: id, before: until, after: parseCursor(cursor) };
      return view(await subscriptions.renewals(asked, now), now);
    },
    async listOrganisationSubscriptions({ params: { id }, query: { cursor, limit }, caller }) {
      const query = { account: id, after: parseCursor(cursor), limit };
      return view(await subscriptions.ofOrganisation(query), caller.now);
    },
    async listSubscriptions({ query: { cursor, dueWithinDays, ...query }, caller: { now } }) {
      const after = parseCursor(cursor);
      const page =
        dueWithinDays === undefined
          ? await subscriptions.list({ ...query, after })
          : await subscriptions.upcoming({ ...query, days: dueWithinDays, after }, now);
      return view(page, now);
    },
    async getSubscription({ params: { subscription: id }, caller: { now } }) {
      const record = await subscriptions.get(id);
      const [detail = { subscription: record, credentials: [] }] = await subscriptions.detailsOf([
        record,
      ]);
      return { subscription: viewSubscription(detail, now) };
    },
  };
};
