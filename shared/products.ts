/** What the store sells, by name; what each of them is stands in `server/orders/catalogue.ts`. */
export const PRODUCT_IDS = [
  'hardware-token',
  'hardware-token-proofed',
  'phone',
  'phone-proofed',
  'international-phone',
  'international-phone-proofed',
  'mobile-id',
  'mobile-id-proofed',
  'mobile-id-hardware-token',
  'mobile-id-hardware-token-proofed',
  'mobile-id-phone',
  'mobile-id-phone-proofed',
  'mobile-id-international-phone',
  'mobile-id-international-phone-proofed',
  'renewal',
  'proofing-upgrade',
] as const;

/** `paid` is decided at once; `fulfilled` when every line has been carried out. */
export const ORDER_STATES = ['placed', 'paid', 'fulfilled', 'cancelled'] as const;
export type OrderState = (typeof ORDER_STATES)[number];
