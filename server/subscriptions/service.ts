import type { NoticeWriter } from '../notices/port.ts';
import type { Store } from '../store/port.ts';
import { runDueSteps } from './due-job.ts';
import { detailsOf, listSubscriptions, organisationOf, renewals, upcoming } from './listing.ts';
import type { SubscriptionService } from './port.ts';
import { renew, subscriptionOf, upgrade } from './renewal.ts';

export interface SubscriptionParts {
  readonly store: Store;
  readonly notices: NoticeWriter;
}

export function createSubscriptionService(parts: SubscriptionParts): SubscriptionService {
  const { store } = parts;
  return {
    get: (id) => subscriptionOf(id, store),
    list: (query) => listSubscriptions(query, store),
    async ofOrganisation({ account, after, limit }) {
      const organisation = await organisationOf(account, store);
      return listSubscriptions({ organisation, after, limit }, store);
    },
    renewals: (query, now) => renewals(query, now, store),
    upcoming: (query, now) => upcoming(query, now, store),
    detailsOf: (items) => detailsOf(items, store),
    renew: (line, caller) => renew(line, caller, parts),
    upgrade: (line, caller) => upgrade(line, caller, parts),
    runDue: (now, options = {}) => runDueSteps(now, options, parts),
  };
}

/** What a serving fobd runs every minute, and a lab's clock when it is moved. */
export const subscriptionsDue = ({ runDue }: Pick<SubscriptionService, 'runDue'>) => ({
  name: 'subscriptions',
  run: runDue,
});
