import { parseApplicationId, STRENGTHS, type Strength } from '../../shared/types.ts';
import type { ApplicationService } from '../applications/port.ts';
import type { ApplicationRecord } from '../applications/record.ts';
import {
  bothDemands,
  credentialProduct,
  type Demand,
  demandOf,
  type ProductId,
  productsFor,
} from '../orders/catalogue.ts';

/** What a credential is wanted for, as the store's page asks and its address keeps. */

/** In the 50 United States, or elsewhere: a territory counts as elsewhere (seed 003). */
const WHERES = ['us', 'abroad'] as const;

export interface Wanted {
  readonly application: ApplicationRecord | undefined;
  readonly strength: Strength | undefined;
  readonly proofed: boolean;
  readonly where: (typeof WHERES)[number] | undefined;
}

/** What the address says of it; what it cannot say counts as not said. */
export function wantedIn(query: URLSearchParams, partners: readonly ApplicationRecord[]): Wanted {
  const application = parseApplicationId(query.get('application') ?? '');
  return {
    application: partners.find(({ id }) => id === application),
    strength: STRENGTHS.find((each) => each === query.get('strength')),
    proofed: query.get('proofed') === 'yes',
    where: WHERES.find((each) => each === query.get('where')),
  };
}

/** `?…`, or nothing. */
export function wantedQuery({ application, strength, proofed, where }: Wanted): string {
  const query = new URLSearchParams();
  if (application !== undefined) query.set('application', application.id);
  if (strength !== undefined) query.set('strength', strength);
  if (where !== undefined) query.set('where', where);
  if (proofed) query.set('proofed', 'yes');
  return query.size === 0 ? '' : `?${query}`;
}

/** New credentials that suffice for it. */
export function offeredFor({ application, where, ...asked }: Wanted): readonly ProductId[] {
  const demand: Demand = bothDemands(asked, application === undefined ? {} : demandOf(application));
  const phones = where === 'us' ? 'domestic' : 'international';
  return productsFor(demand).filter((id) => {
    const product = credentialProduct(id);
    return where === undefined || product.phones === undefined || product.phones === phones;
  });
}

/** More are not read. */
const APPLICATIONS_MAX = 500;

/** Applications that demand more than a password, by name. */
export async function partnersOf(
  applications: Pick<ApplicationService, 'list'>,
): Promise<readonly ApplicationRecord[]> {
  const { items } = await applications.list({ limit: APPLICATIONS_MAX });
  return items
    .filter(
      ({ revokedAt, requiredStrength = 'password', requiresProofing }) =>
        revokedAt === undefined && (requiredStrength !== 'password' || requiresProofing),
    )
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
}
