import type { ProductId } from '../../../server/orders/catalogue.ts';
import { seededUniform } from '../../support/seeded-uniform.ts';

/**
 * Who buys what when, and what becomes of it: chosen from a seed alone, so that a run that was
 * killed goes on with the very same plan. Days are counted from the beginning of the lab.
 */

/** Two years of everybody's life, and as much more as it takes to see the first ones end. */
export const DAYS = 800;
const START = Date.UTC(2027, 0, 4, 8);
const HOUR = 3_600_000;

/** One person's own, or one of a group for whom an administrator buys and renews. */
export interface Life {
  readonly account: string;
  readonly buyer: string;
  readonly product: ProductId;
  /** Which of its order's units it has, from 1. */
  readonly unit: number;
  readonly bought: number;
  /** Absent: nobody ever enters the key. */
  readonly redeemed?: number;
  /** On the day of redemption too, where it was bought without proofing. */
  readonly activated: boolean;
  readonly registered: boolean;
  /** Days on which its buyer tries to renew it; of a group, the administrator renews all he can. */
  readonly renewals: readonly number[];
  /** The person's own revocation. */
  readonly revoked?: number;
}

export interface Plan {
  readonly seed: number;
  readonly lives: readonly Life[];
  /** Of each day, the moment at which its things happen; UTC, in milliseconds. */
  readonly moments: readonly number[];
}

export const GROUP = 5;
const PRODUCTS: readonly ProductId[] = [
  'hardware-token',
  'hardware-token',
  'phone',
  'mobile-id',
  'mobile-id-hardware-token',
  'hardware-token-proofed',
];

export function makePlan(accounts: number, seed: number): Plan {
  const uniform = seededUniform(seed);
  const whole = (below: number): number => Math.floor(uniform() * below);
  const moments = Array.from(
    { length: DAYS },
    (_, day) => START + day * 24 * HOUR + whole(12 * HOUR),
  );
  const lives: Life[] = [];
  for (let n = 0; n < accounts; n += 1) {
    // Every fourth five belong together.
    const group = Math.floor(n / GROUP);
    const isGroup = group % 4 === 3 && (group + 1) * GROUP <= accounts;
    const first = lives[group * GROUP];
    const shares = isGroup && n % GROUP > 0 ? first : undefined;
    lives.push(lifeOf(n, { isGroup, group, shares }, { uniform, whole }));
  }
  return { seed, lives, moments };
}

function lifeOf(
  n: number,
  {
    isGroup,
    group,
    shares,
  }: { readonly isGroup: boolean; readonly group: number; readonly shares: Life | undefined },
  { uniform, whole }: { readonly uniform: () => number; readonly whole: (below: number) => number },
): Life {
  const account = `person-${n}`;
  // Half of them early, so that their second year ends within the run too.
  const bought = shares?.bought ?? (uniform() < 0.5 ? whole(40) : whole(400));
  const waits = uniform() < 0.05 ? DAYS : whole(30);
  const isRevoked = uniform() < 0.08;
  return {
    account,
    buyer: isGroup ? `administrator-${group}` : account,
    product: shares?.product ?? PRODUCTS[whole(PRODUCTS.length)] ?? 'hardware-token',
    unit: isGroup ? (n % GROUP) + 1 : 1,
    bought,
    ...(bought + waits < DAYS ? { redeemed: bought + waits } : {}),
    activated: uniform() < 0.9,
    registered: uniform() < 0.8,
    renewals: shares?.renewals ?? renewalsOf(bought, { uniform, whole }),
    ...(isRevoked ? { revoked: bought + whole(500) } : {}),
  };
}

/** On time, late, never; too early and too late too, which is refused. */
function renewalsOf(
  bought: number,
  { uniform, whole }: { readonly uniform: () => number; readonly whole: (below: number) => number },
): readonly number[] {
  const kind = uniform();
  const inTime = bought + 340 + whole(20);
  const late = bought + 366 + whole(360);
  if (kind < 0.3) return [inTime, inTime + 365];
  if (kind < 0.4) return [bought + 200 + whole(100), inTime];
  if (kind < 0.65) return [late, late + 360];
  if (kind < 0.7) return [bought + 735 + whole(30)];
  return [];
}
