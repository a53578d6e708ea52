import { expect } from 'chai';
import * as openid from 'openid-client';
import type { Browser } from './browser.ts';
import { CALLBACK, type Room } from './provider-room.ts';

/** An application that has somebody signed in with `openid-client`. */
export interface Application {
  readonly config: openid.Configuration;
  readonly id: string;
  readonly secret: string | undefined;
  readonly callback: string;
}

export async function applicationOf(
  room: Room,
  given: Parameters<Room['addClient']>[0] = {},
): Promise<Application> {
  const { client, secret } = await room.addClient(given);
  const config = await room.discover({ id: client.id, secret });
  return { config, id: client.id, secret, callback: client.redirectUris[0] ?? CALLBACK };
}

export interface Begun {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  /** Where the browser came back to, or stopped. */
  readonly address: string;
  readonly page?: Response;
}

export async function begin(
  { config, callback }: Application,
  browser: Browser,
  parameters: Record<string, string> = {},
): Promise<Begun> {
  const verifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const nonce = openid.randomNonce();
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'openid',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  return { verifier, state, nonce, ...(await browser.go(url.href, callback)) };
}

export const exchange = (
  { config }: Application,
  { address, verifier, state, nonce }: Begun,
  { maxAge }: { readonly maxAge?: number } = {},
) =>
  openid.authorizationCodeGrant(config, new URL(address), {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    ...(maxAge === undefined ? {} : { maxAge }),
  });

/** Signs somebody in and takes the tokens. */
export async function signIn(
  application: Application,
  browser: Browser,
  parameters: Record<string, string> = {},
  options: { readonly maxAge?: number } = {},
) {
  return exchange(application, await begin(application, browser, parameters), options);
}

/** The error that the application is told in its callback. */
export function errorIn({ address }: Begun): { error: string | null; description: string | null } {
  const { searchParams } = new URL(address);
  return { error: searchParams.get('error'), description: searchParams.get('error_description') };
}

/** With these a refresh token is given. */
export const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };

/** An OAuth error, as `openid-client` throws it. */
export async function refused(asked: Promise<unknown>, error: string): Promise<void> {
  const fault = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(fault, 'it was let through').to.be.instanceOf(Error);
  const challenged = fault instanceof openid.WWWAuthenticateChallengeError;
  const told = challenged
    ? fault.cause[0]?.parameters['error']
    : Reflect.get(Object(fault), 'error');
  expect(told, String(fault)).equal(error);
}
