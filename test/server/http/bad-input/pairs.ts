import type { Sent, Served } from '../served.ts';
import { type Case, codeIn, DEAD, HIS, invalid, MINE, outcome, refused, STOCKED } from './case.ts';

const register = (serial: string, body: unknown): Sent => ({
  path: `/v1/tokens/${serial}/registration`,
  body,
});
const pair = (served: Served, serial: string, first: number, second: number) => ({
  code1: codeIn(served, serial, first),
  code2: codeIn(served, serial, second),
});

/** Two codes: registration and resync. */
export const PAIRS: readonly Case[] = [
  {
    name: "registering another account's token",
    scopes: ['tokens:register'],
    send: (served) => register(HIS, { account: 'jennifer', ...pair(served, HIS, 0, 1) }),
    expected: outcome('wrongCode'),
  },
  {
    name: "registering another account's token, asked by a reader of tokens",
    send: (served) => register(HIS, { account: 'jennifer', ...pair(served, HIS, 0, 1) }),
    expected: refused(409, 'alreadyRegistered'),
  },
  {
    name: 'registering a revoked token',
    scopes: ['tokens:register'],
    send: (served) => register(DEAD, { account: 'jennifer', ...pair(served, DEAD, 0, 1) }),
    expected: outcome('wrongCode'),
  },
  {
    name: 'registering a revoked token, asked by a reader of tokens',
    send: (served) => register(DEAD, { account: 'jennifer', ...pair(served, DEAD, 0, 1) }),
    expected: refused(409, 'revoked'),
  },
  {
    name: 'registering an unknown token',
    scopes: ['tokens:register'],
    send: (served) => register('FT99', { account: 'jennifer', ...pair(served, 'FT99', 0, 1) }),
    expected: outcome('wrongCode'),
  },
  {
    name: 'registering an unknown token, asked by a reader of tokens',
    send: (served) => register('FT99', { account: 'jennifer', ...pair(served, 'FT99', 0, 1) }),
    expected: refused(404, 'notFound'),
  },
  {
    name: 'registering with the same code twice',
    send: (served) => register(STOCKED, { account: 'jennifer', ...pair(served, STOCKED, 0, 0) }),
    expected: invalid('/code2', 'equalCodes'),
  },
  {
    name: 'registering with swapped codes',
    send: (served) => register(STOCKED, { account: 'jennifer', ...pair(served, STOCKED, 1, 0) }),
    expected: outcome('wrongCode'),
  },
  {
    name: 'registering with codes three steps apart (accepted)',
    send: (served) => register(STOCKED, { account: 'jennifer', ...pair(served, STOCKED, 0, 3) }),
    expected: outcome('accepted'),
  },
  {
    name: 'registering with codes four steps apart',
    send: (served) => register(STOCKED, { account: 'jennifer', ...pair(served, STOCKED, 0, 4) }),
    expected: outcome('wrongCode'),
  },
  {
    name: 'registering with the second code 45 s after the first (accepted)',
    send: (served) => register(STOCKED, { account: 'jennifer', ...pair(served, STOCKED, 0, 1.5) }),
    expected: outcome('accepted'),
  },
  {
    name: 'registering with one code',
    send: register(STOCKED, { account: 'jennifer', code1: '755224' }),
    expected: invalid('/code2', 'required'),
  },
  {
    name: 'registering under a path that is no serial',
    send: register('%23%23', { account: 'jennifer', code1: '755224', code2: '287082' }),
    expected: invalid('/path/serial', 'badFormat'),
  },
  {
    name: 'registering under a path with a broken escape',
    send: register('FT%E0%A4', { account: 'jennifer', code1: '755224', code2: '287082' }),
    expected: invalid('/path/serial', 'badFormat'),
  },
  {
    name: 'a resync with the same code twice',
    send: (served) => ({
      path: `/v1/tokens/${MINE}/resync`,
      body: pair(served, MINE, 0, 0),
    }),
    expected: invalid('/code2', 'equalCodes'),
  },
  {
    name: 'a resync with swapped codes',
    send: (served) => ({ path: `/v1/tokens/${MINE}/resync`, body: pair(served, MINE, 1, 0) }),
    expected: outcome('wrongCode'),
  },
];
