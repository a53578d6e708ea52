import type { CredentialId, OrderNumber, Serial } from '../../shared/types.ts';
import { type Html, html } from './html.ts';
import type { Person } from './page.ts';
import { signInAddress } from './port.ts';
import { ACCOUNT_PATH } from './wish.ts';

/** Where the pages of the own account stand, and what leads from one to the other. */

export const OTP_PATH = `${ACCOUNT_PATH}/otp`;
/** "Purchase or Register Credentials" */
export const GET_PATH = `${OTP_PATH}/get`;
export const SET_UP_PATH = `${OTP_PATH}/set-up`;
export const RENEW_PATH = `${OTP_PATH}/renew`;
export const REVOKE_PATH = `${OTP_PATH}/revoke`;
export const UPGRADE_PATH = `${OTP_PATH}/upgrade`;
/** A token that its person has lost, and has found again. */
export const LOST_PATH = `${OTP_PATH}/lost`;
export const FOUND_PATH = `${OTP_PATH}/found`;
export const PHONES_PATH = `${OTP_PATH}/phones`;
/** "Subscription Renewals" */
export const RENEWALS_PATH = `${ACCOUNT_PATH}/renewals`;
export const STORE_PATH = `${ACCOUNT_PATH}/store`;
export const CART_PATH = `${STORE_PATH}/cart`;
/** The cart, which says that something came into it. */
export const ADDED_PATH = `${CART_PATH}?done=added`;
export const CHECKOUT_PATH = `${STORE_PATH}/checkout`;
export const ORDERS_PATH = `${ACCOUNT_PATH}/orders`;
export const ORDER_PATH = `${ORDERS_PATH}/order`;
export const CANCEL_PATH = `${ORDERS_PATH}/cancel`;

export const ofCredential = (path: string, id: CredentialId): string =>
  `${path}?${new URLSearchParams({ credential: id })}`;

export const ofToken = (path: string, serial: Serial): string =>
  `${path}?${new URLSearchParams({ serial })}`;

export const ofOrder = (path: string, number: OrderNumber): string =>
  `${path}?${new URLSearchParams({ number })}`;

export const tabs = (here: 'account' | 'otp' | 'renewals' | 'orders'): Html => {
  const tab = (path: string, name: string, isHere: boolean) =>
    html`<li><a href="${path}"${isHere ? html` aria-current="page"` : ''}>${name}</a></li>`;
  return html`<nav aria-label="Account"><ul class="tabs">
${tab(ACCOUNT_PATH, 'My Account', here === 'account')}
${tab(OTP_PATH, 'Manage OTP', here === 'otp')}
${tab(RENEWALS_PATH, 'Subscription Renewals', here === 'renewals')}
${tab(ORDERS_PATH, 'Orders', here === 'orders')}
</ul></nav>
`;
};

export interface AccountView {
  readonly person: Person;
  readonly formToken: string;
}

/** Nothing is stronger than a hardware token. */
export const elevateLink = (
  { session }: Person,
  { isFirst = false, returnTo = ACCOUNT_PATH } = {},
): Html | undefined =>
  session.strength === 'hardwareToken'
    ? undefined
    : html`<a class="button${isFirst ? '' : ' second'}" href="${signInAddress({
        returnTo,
      })}&amp;step=code">Elevate</a>`;

export const backToOtp: Html = html`<p><a href="${OTP_PATH}">Back to Manage OTP</a></p>`;
