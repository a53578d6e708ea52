import { credentialIdOf } from '../../server/credentials/record.ts';
import { benchSerial } from './population.ts';
import {
  ASKING,
  benchAccount,
  benchLicenceKey,
  benchSubscription,
  type Keys,
} from './timing-population.ts';

/** What a stranger may ask, of names that exist and of names that do not. */

/** So many of each kind. */
const NAMES = 2_000;
const WARM_UP = 300;
/** A password takes as long to compare as a hundred codes. */
const PASSWORDS = 300;
const PASSWORDS_WARM_UP = 20;

export interface Asked {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly key: string;
  readonly body?: object;
}

/** Names of one kind, and what is asked of the n-th of them. */
export interface Case {
  readonly name: string;
  readonly ask: (n: number) => Asked;
  readonly micros: number[];
}

/** One question: what is known is compared with what is not. */
export interface Question {
  readonly name: string;
  /** Each is asked about once. */
  readonly names: number;
  /** So many more, asked about before. */
  readonly warmUp: number;
  readonly known: readonly Case[];
  readonly unknown: Case;
  /** What they read may differ, because it is meant to. Default: it is the same to the letter. */
  readonly isTold?: boolean;
}

const ALL = NAMES + WARM_UP;
/** Indexes of tokens and their accounts: each is asked about in one way only. */
const IN_USE_BY_SERIAL = 0;
const IN_USE_BY_ACCOUNT = ALL;
const COLD_BY_SERIAL = 2 * ALL;
const COLD_BY_ACCOUNT = 3 * ALL;
const NOBODYS = 4 * ALL;

/** All that there is; what lies before `inUse` has been used since fobd was started. */
export const POPULATION = { tokens: NOBODYS, redeemed: ALL, inUse: COLD_BY_SERIAL };

const WRONG_CODE = '100000';

const caseOf = (name: string, ask: Case['ask']): Case => ({ name, ask, micros: [] });

export const questionsWith = (keys: Keys, session: string): readonly Question[] => [
  ...aboutCodes(keys.verifying),
  ...asPerson(session),
  ...withoutScope(keys.scopeless),
  signIns(keys.signingIn),
];

const MANY = { names: NAMES, warmUp: WARM_UP } as const;

function aboutCodes(key: string): readonly Question[] {
  const path = '/v1/verify';
  const serials = (name: string, first: number) =>
    caseOf(name, (n) => ({
      path,
      key,
      body: { serial: benchSerial(first + n), code: WRONG_CODE },
    }));
  const accounts = (name: string, first: number) =>
    caseOf(name, (n) => ({
      path,
      key,
      body: { account: benchAccount(first + n), code: WRONG_CODE },
    }));
  return [
    {
      name: 'wrong code for a serial',
      ...MANY,
      known: [serials('in use', IN_USE_BY_SERIAL), serials('not yet read', COLD_BY_SERIAL)],
      unknown: serials('unknown', NOBODYS),
    },
    {
      name: 'wrong code for an account',
      ...MANY,
      known: [accounts('in use', IN_USE_BY_ACCOUNT), accounts('not yet read', COLD_BY_ACCOUNT)],
      unknown: accounts('unknown', NOBODYS),
    },
  ];
}

function asPerson(key: string): readonly Question[] {
  const account = (name: string, first: number) =>
    caseOf(name, (n) => ({
      method: 'GET',
      path: `/v1/accounts/${benchAccount(first + n)}/credentials`,
      key,
    }));
  const credential = (name: string, first: number) =>
    caseOf(name, (n) => {
      const id = credentialIdOf(benchSubscription(first + n), 'phoneOtp');
      return { method: 'GET', path: `/v1/accounts/${ASKING}/credentials/${id}`, key };
    });
  const redeeming = (name: string, first: number) =>
    caseOf(name, (n) => ({
      path: `/v1/accounts/${ASKING}/licence-keys`,
      key,
      body: { licenceKey: benchLicenceKey(first + n) },
    }));
  return [
    {
      name: "another's account, asked by a person",
      ...MANY,
      known: [account('exists', 0)],
      unknown: account('unknown', NOBODYS),
    },
    {
      name: "another's credential, asked by a person",
      ...MANY,
      known: [credential('exists', 0)],
      unknown: credential('unknown', NOBODYS),
    },
    {
      name: 'licence key, redeemed by a person',
      ...MANY,
      known: [redeeming('used', 0)],
      unknown: redeeming('unknown', NOBODYS),
      isTold: true,
    },
  ];
}

function withoutScope(key: string): readonly Question[] {
  const get = (name: string, pathOf: (n: number) => string) =>
    caseOf(name, (n) => ({ method: 'GET', path: pathOf(n), key }));
  const account = (first: number) => (n: number) => `/v1/accounts/${benchAccount(first + n)}`;
  const serial = (first: number) => (n: number) => `/v1/tokens/${benchSerial(first + n)}`;
  return [
    {
      name: 'account, asked without the scope',
      ...MANY,
      known: [get('exists', account(0))],
      unknown: get('unknown', account(NOBODYS)),
    },
    {
      name: 'serial, asked without the scope',
      ...MANY,
      known: [get('exists', serial(0))],
      unknown: get('unknown', serial(NOBODYS)),
    },
  ];
}

function signIns(key: string): Question {
  const signIn = (name: string, first: number) =>
    caseOf(name, (n) => ({
      path: '/v1/sessions',
      key,
      body: { user: benchAccount(first + n), password: 'not the right one' },
    }));
  return {
    name: 'wrong password of a user',
    ...{ names: PASSWORDS, warmUp: PASSWORDS_WARM_UP },
    known: [signIn('exists', 0)],
    unknown: signIn('unknown', NOBODYS),
  };
}
