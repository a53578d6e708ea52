import type { Sent } from '../served.ts';
import { type Case, DEAD, invalid, json, MINE, refused, verify } from './case.ts';

/** Keys, scopes, paths and methods. */
export const ACCESS: readonly Case[] = [
  {
    name: 'no API key',
    scopes: 'none',
    send: verify({ serial: MINE, code: '755224' }),
    expected: refused(401, 'unauthenticated'),
  },
  {
    name: 'no API key and a body that cannot be read',
    scopes: 'none',
    send: verify('{', json),
    expected: refused(401, 'unauthenticated'),
  },
  {
    name: 'no API key and a body of 2 MiB',
    scopes: 'none',
    send: verify('x'.repeat(2 * 1024 * 1024), json),
    expected: refused(401, 'unauthenticated'),
  },
  {
    name: 'an API key of the right form that nobody has',
    scopes: 'none',
    send: { ...verify({}), key: `fobd_0123456789abcdef_${'A'.repeat(43)}` },
    expected: refused(401, 'unauthenticated'),
  },
  {
    name: 'an API key of no form',
    scopes: 'none',
    send: { ...verify({}), key: 'letmein' },
    expected: refused(401, 'unauthenticated'),
  },
  {
    name: 'another authentication scheme',
    scopes: 'none',
    send: verify({}, { authorization: 'Basic dXNlcjpwYXNz' }),
    expected: refused(401, 'unauthenticated'),
  },
  {
    name: 'an API key without the scope',
    scopes: ['tokens:read'],
    send: verify({ serial: MINE, code: '755224' }),
    expected: refused(403, 'forbidden'),
  },
  {
    name: 'an API key that would grant more than it holds',
    scopes: ['applications:admin'],
    send: { path: '/v1/applications', body: { name: 'x', scopes: ['tokens:admin'] } },
    expected: refused(403, 'forbidden'),
  },
  {
    name: 'an unknown path',
    send: { path: '/v1/fobs' },
    expected: refused(404, 'notFound'),
  },
  {
    name: 'a path with a slash too many',
    send: verifyAt('/v1/verify/'),
    expected: refused(404, 'notFound'),
  },
  {
    name: 'a path in other case',
    send: verifyAt('/V1/Verify'),
    expected: refused(404, 'notFound'),
  },
  {
    name: 'a method that the path does not take',
    send: { method: 'GET', path: '/v1/verify' },
    expected: refused(405, 'methodNotAllowed'),
  },
  {
    name: 'deleting a token',
    send: { method: 'DELETE', path: `/v1/tokens/${MINE}` },
    expected: refused(405, 'methodNotAllowed'),
  },
  {
    name: "the lab's clock outside a lab",
    send: { method: 'GET', path: '/lab/clock' },
    expected: refused(404, 'notFound'),
  },
  {
    name: "moving the lab's clock outside a lab",
    send: { path: '/lab/clock', body: { advance: '30d' } },
    expected: refused(404, 'notFound'),
  },
];

function verifyAt(path: string): Sent {
  return { path, body: { serial: MINE, code: '755224' } };
}
const get = (path: string): Sent => ({ method: 'GET', path });

export const LISTS: readonly Case[] = [
  {
    name: 'a page of nothing',
    send: get('/v1/tokens?limit=0'),
    expected: invalid('/query/limit', 'tooSmall'),
  },
  {
    name: 'a page without end',
    send: get('/v1/tokens?limit=501'),
    expected: invalid('/query/limit', 'tooLarge'),
  },
  {
    name: 'a limit that is no number',
    send: get('/v1/accounts?limit=many'),
    expected: invalid('/query/limit', 'wrongType'),
  },
  {
    name: 'a limit given twice',
    send: get('/v1/tokens?limit=1&limit=2'),
    expected: invalid('/query/limit', 'wrongType'),
  },
  {
    name: 'a cursor of one’s own making',
    send: get('/v1/tokens?cursor=FT00000001'),
    expected: invalid('/query/cursor', 'badFormat'),
  },
  {
    name: 'a hold where a life is due',
    send: get('/v1/tokens?state=locked'),
    expected: invalid('/query/state', 'notAllowed'),
  },
  {
    name: 'an audit sequence below zero',
    send: get('/v1/audit?after=-1'),
    expected: invalid('/query/after', 'tooSmall'),
  },
  {
    name: 'a token that is not there',
    send: get('/v1/tokens/FT99999999'),
    expected: refused(404, 'notFound'),
  },
];

export const RECORDS: readonly Case[] = [
  {
    name: 'a verb on a token whose life has ended',
    send: { path: `/v1/tokens/${DEAD}/lock`, body: {} },
    expected: refused(409, 'revoked'),
  },
  {
    name: 'lifting a hold that is not there',
    send: { path: `/v1/tokens/${MINE}/found`, body: {} },
    expected: refused(409, 'notAllowedNow'),
  },
  {
    name: 'a verb on an unknown token',
    send: { path: '/v1/tokens/FT99999999/unlock' },
    expected: refused(404, 'notFound'),
  },
  {
    name: 'a reason without end',
    send: { path: `/v1/tokens/${MINE}/lock`, body: { reason: 'x'.repeat(501) } },
    expected: invalid('/reason', 'tooLong'),
  },
  {
    name: 'an account that is there already',
    send: { path: '/v1/accounts', body: { id: 'jennifer' } },
    expected: refused(409, 'exists'),
  },
  {
    name: 'an account id with a space',
    send: { path: '/v1/accounts', body: { id: 'jennifer blue' } },
    expected: invalid('/id', 'badFormat'),
  },
  {
    name: 'an application without scopes',
    send: { path: '/v1/applications', body: { name: 'VPN', scopes: [] } },
    expected: invalid('/scopes', 'required'),
  },
  {
    name: 'an application with a scope that there is not',
    send: { path: '/v1/applications', body: { name: 'VPN', scopes: ['verify', 'root'] } },
    expected: invalid('/scopes/1', 'notAllowed'),
  },
  {
    name: 'an application with a scope twice',
    send: { path: '/v1/applications', body: { name: 'VPN', scopes: ['verify', 'verify'] } },
    expected: invalid('/scopes/1', 'duplicate'),
  },
  {
    name: 'revoking an application by something that is no id',
    send: { path: '/v1/applications/VPN/revoke' },
    expected: invalid('/path/id', 'badFormat'),
  },
  {
    name: 'revoking an unknown application',
    send: { path: '/v1/applications/ffffffffffffffff/revoke' },
    expected: refused(404, 'notFound'),
  },
];
