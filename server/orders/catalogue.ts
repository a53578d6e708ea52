import { PRODUCT_IDS } from '../../shared/products.ts';
import { type CredentialType, isAtLeast, type Strength } from '../../shared/types.ts';

/** What the store sells, as data (seeds 001, 002, 003 and facts `service-behaviour.md`). */

export type ProductId = (typeof PRODUCT_IDS)[number];

/** Which numbers a Phone OTP may be registered with: the 50 United States' and DC's, or others'. */
export type PhoneRegion = 'domestic' | 'international';

export interface CredentialProduct {
  readonly kind: 'credential';
  /** In the order of `CREDENTIAL_TYPES`. */
  readonly types: readonly CredentialType[];
  readonly proofing: boolean;
  readonly phones?: PhoneRegion;
  /** Whether something is sent by post. */
  readonly isShipped: boolean;
  readonly name: string;
}

/** For a subscription that there is already. */
export interface SubscriptionProduct {
  readonly kind: 'renewal' | 'proofingUpgrade';
  readonly name: string;
}

export type Product = CredentialProduct | SubscriptionProduct;

const credential = (
  name: string,
  types: readonly CredentialType[],
  options: { readonly proofing?: boolean; readonly phones?: PhoneRegion } = {},
): CredentialProduct => ({
  kind: 'credential',
  types,
  proofing: false,
  isShipped: types.includes('hardwareToken'),
  name,
  ...options,
});

const US = { phones: 'domestic' } as const;
const ABROAD = { phones: 'international' } as const;
const PROOFED = { proofing: true } as const;
const PHONE = 'Phone Based OTP - 1 Year (US Phone Service Only)';
const PHONE_ABROAD = 'International Phone Based OTP - 1 Year (Non-US Phone Service Only)';
const WITH = 'with Proofing';
const WITHOUT = 'without Proofing';
const MOBILE_AND_TOKEN = ['mobileId', 'hardwareToken'] as const;
const MOBILE_AND_PHONE = ['phoneOtp', 'mobileId'] as const;

export const PRODUCTS: Readonly<Record<ProductId, Product>> = {
  'hardware-token': credential(`OTP Token (1 Year) ${WITHOUT}`, ['hardwareToken']),
  'hardware-token-proofed': credential(`OTP Token (1 Year) ${WITH}`, ['hardwareToken'], PROOFED),
  phone: credential(`${PHONE} ${WITHOUT}`, ['phoneOtp'], US),
  'phone-proofed': credential(`${PHONE} ${WITH}`, ['phoneOtp'], { ...US, ...PROOFED }),
  'international-phone': credential(`${PHONE_ABROAD} ${WITHOUT}`, ['phoneOtp'], ABROAD),
  'international-phone-proofed': credential(`${PHONE_ABROAD} ${WITH}`, ['phoneOtp'], {
    ...ABROAD,
    ...PROOFED,
  }),
  'mobile-id': credential(`Mobile ID (1 Year) ${WITHOUT}`, ['mobileId']),
  'mobile-id-proofed': credential(`Mobile ID (1 Year) ${WITH}`, ['mobileId'], PROOFED),
  'mobile-id-hardware-token': credential(
    `Mobile ID and OTP Token (1 Year) ${WITHOUT}`,
    MOBILE_AND_TOKEN,
  ),
  'mobile-id-hardware-token-proofed': credential(
    `Mobile ID and OTP Token (1 Year) ${WITH}`,
    MOBILE_AND_TOKEN,
    PROOFED,
  ),
  'mobile-id-phone': credential(`Mobile ID and ${PHONE} ${WITHOUT}`, MOBILE_AND_PHONE, US),
  'mobile-id-phone-proofed': credential(`Mobile ID and ${PHONE} ${WITH}`, MOBILE_AND_PHONE, {
    ...US,
    ...PROOFED,
  }),
  'mobile-id-international-phone': credential(
    `Mobile ID and ${PHONE_ABROAD} ${WITHOUT}`,
    MOBILE_AND_PHONE,
    ABROAD,
  ),
  'mobile-id-international-phone-proofed': credential(
    `Mobile ID and ${PHONE_ABROAD} ${WITH}`,
    MOBILE_AND_PHONE,
    { ...ABROAD, ...PROOFED },
  ),
  renewal: { kind: 'renewal', name: 'Subscription Renewal (1 Year)' },
  'proofing-upgrade': { kind: 'proofingUpgrade', name: 'Proofing Upgrade' },
};

/** Of a subscription's own product, which is always one of a credential. */
export function credentialProduct(id: ProductId): CredentialProduct {
  const product = PRODUCTS[id];
  if (product.kind === 'credential') return product;
  throw new TypeError(`${id} is sold for a subscription, and makes none`);
}

/** What somebody who gives access demands of whoever comes: a partner's application. */
export interface Demand {
  readonly strength?: Strength | undefined;
  readonly proofed?: boolean | undefined;
}

/** What satisfies both. */
export const bothDemands = (a: Demand, b: Demand): Demand => {
  const [one = 'password', other = 'password'] = [a.strength, b.strength];
  return {
    strength: isAtLeast(one, other) ? one : other,
    proofed: a.proofed === true || b.proofed === true,
  };
};

/** What a partner's application demands. */
export const demandOf = ({
  requiredStrength,
  requiresProofing,
}: {
  readonly requiredStrength?: Strength;
  readonly requiresProofing?: boolean;
}): Demand => ({ strength: requiredStrength, proofed: requiresProofing });

/** Whether a credential of `product` suffices where `demand` is made. */
export const isAccepted = (
  { types, proofing }: CredentialProduct,
  { strength = 'password', proofed = false }: Demand,
): boolean => types.some((type) => isAtLeast(type, strength)) && (proofing || !proofed);

/** The new credentials that suffice where `demand` is made. */
export const productsFor = (demand: Demand): readonly ProductId[] =>
  PRODUCT_IDS.filter((id) => {
    const product = PRODUCTS[id];
    return product.kind === 'credential' && isAccepted(product, demand);
  });
