import { type Case, invalid, refused } from './case.ts';

const TOKEN = 'A'.repeat(43);

const begin = (body: object) => ({ path: '/v1/sessions', body });
const good = { user: 'jennifer', password: 'x' };

/** What is wrong with a session, or with what somebody signs in with. */
export const SESSIONS: readonly Case[] = [
  {
    name: 'a sign-in without a user',
    send: begin({ password: 'x' }),
    expected: invalid('/user', 'required'),
  },
  {
    name: 'a sign-in without a password',
    send: begin({ user: 'jennifer' }),
    expected: invalid('/password', 'required'),
  },
  {
    name: 'an empty password',
    send: begin({ ...good, password: '' }),
    expected: invalid('/password', 'required'),
  },
  {
    name: 'a password longer than any that is looked at',
    send: begin({ ...good, password: 'x'.repeat(1025) }),
    expected: invalid('/password', 'tooLong'),
  },
  {
    name: 'a password that is a number',
    send: begin({ ...good, password: 12345678 }),
    expected: invalid('/password', 'wrongType'),
  },
  {
    name: 'a user whose name would act on a terminal',
    send: begin({ ...good, user: 'jen\u001b[2J' }),
    expected: invalid('/user', 'badFormat'),
  },
  {
    name: 'a user whose name is longer than any',
    send: begin({ ...good, user: 'j'.repeat(257) }),
    expected: invalid('/user', 'tooLong'),
  },
  {
    name: 'a sign-in with a code that is none',
    send: begin({ ...good, code: '75522A' }),
    expected: invalid('/code', 'notDigits'),
  },
  {
    name: 'a sign-in from what is no address',
    send: begin({ ...good, source: 'the office' }),
    expected: invalid('/source', 'badFormat'),
  },
  {
    name: 'a sign-in that would say its own strength',
    send: begin({ ...good, strength: 'hardwareToken' }),
    expected: invalid('/strength', 'unknownField'),
  },
  {
    name: "a session's token that is none",
    send: { path: '/v1/sessions/lookup', body: { sessionToken: `${TOKEN}=` } },
    expected: invalid('/sessionToken', 'badFormat'),
  },
  {
    name: 'a lookup without a token',
    send: { path: '/v1/sessions/lookup', body: {} },
    expected: invalid('/sessionToken', 'required'),
  },
  {
    name: 'an elevation without a code',
    send: { path: '/v1/sessions/elevation', body: { sessionToken: TOKEN } },
    expected: invalid('/code', 'required'),
  },
  {
    name: 'an elevation of no session',
    send: { path: '/v1/sessions/elevation', body: { sessionToken: TOKEN, code: '755224' } },
    expected: refused(404, 'notFound'),
  },
  {
    name: "a session's token in the path",
    send: { method: 'GET', path: `/v1/sessions/${TOKEN}` },
    expected: refused(404, 'notFound'),
  },
  {
    name: 'a sign-in by an application without scope sessions',
    send: begin(good),
    scopes: ['verify', 'verify:detail', 'accounts:admin'],
    expected: refused(403, 'forbidden'),
  },
  {
    name: 'a lookup by an administrator of accounts',
    send: { path: '/v1/sessions/lookup', body: { sessionToken: TOKEN } },
    scopes: ['accounts:admin'],
    expected: refused(403, 'forbidden'),
  },
  {
    name: 'an application that demands an unknown strength',
    send: {
      path: '/v1/applications',
      body: { name: 'vpn', scopes: ['verify'], requiredStrength: 'fingerprint' },
    },
    expected: invalid('/requiredStrength', 'notAllowed'),
  },
  {
    name: 'a demand of nothing at all',
    send: { path: `/v1/applications/${'0'.repeat(16)}/strength`, body: {} },
    expected: invalid('/requiredStrength', 'required'),
  },
  {
    name: 'a demand of an application that there is not',
    send: {
      path: `/v1/applications/${'0'.repeat(16)}/strength`,
      body: { requiredStrength: 'mobileId' },
    },
    expected: refused(404, 'notFound'),
  },
];
