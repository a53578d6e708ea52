import { gzipSync } from 'node:zlib';
import { type Case, invalid, json, MINE, outcome, refused, verify } from './case.ts';

/** Bodies that are no JSON object, or not one that is taken. */
export const BODIES: readonly Case[] = [
  {
    name: 'JSON that is cut off',
    send: verify('{"serial":"FT00000001","code":"7552', json),
    expected: refused(400, 'malformedBody'),
  },
  {
    name: 'text that is not JSON',
    send: verify('serial=FT00000001', json),
    expected: refused(400, 'malformedBody'),
  },
  {
    name: 'a JSON text where an object is due',
    send: verify('"755224"', json),
    expected: refused(400, 'malformedBody'),
  },
  {
    name: 'a JSON array where an object is due',
    send: verify([]),
    expected: invalid('', 'wrongType'),
  },
  {
    name: 'no body at all',
    send: verify(undefined),
    expected: invalid('/code', 'required'),
  },
  {
    name: 'an empty body with a media type',
    send: verify('', json),
    expected: invalid('/code', 'required'),
  },
  {
    name: 'a body of 2 MiB',
    send: verify({ serial: MINE, code: '1'.repeat(2 * 1024 * 1024) }),
    expected: refused(413, 'bodyTooLarge'),
  },
  {
    name: 'a body one byte over 64 KiB',
    send: verify('{"code":"755224"}'.padEnd(64 * 1024 + 1), json),
    expected: refused(413, 'bodyTooLarge'),
  },
  {
    name: 'a body of exactly 64 KiB',
    send: verify('{"code":"755224"}'.padEnd(64 * 1024), json),
    expected: invalid('/serial', 'oneOf'),
  },
  {
    name: 'a body without a media type',
    send: verify('{"serial":"FT00000001","code":"755224"}'),
    expected: refused(415, 'unsupportedMediaType'),
  },
  {
    name: 'a form',
    send: verify('serial=1&code=755224', { 'content-type': 'application/x-www-form-urlencoded' }),
    expected: refused(415, 'unsupportedMediaType'),
  },
  {
    name: 'JSON of another kind',
    send: verify('{}', { 'content-type': 'application/json-patch+json' }),
    expected: refused(415, 'unsupportedMediaType'),
  },
  {
    name: 'JSON in another charset',
    send: verify('{}', { 'content-type': 'application/json; charset=utf-16' }),
    expected: refused(415, 'unsupportedMediaType'),
  },
  {
    name: 'JSON with its charset spelled out (taken)',
    send: verify('{"serial":"FT99","code":"755224"}', {
      'content-type': 'Application/JSON; charset="UTF-8"',
    }),
    expected: outcome('notRegistered'),
  },
  {
    name: 'a compressed body',
    send: verify(gzipSync('{"serial":"FT99","code":"755224"}'), {
      ...json,
      'content-encoding': 'gzip',
    }),
    expected: refused(415, 'unsupportedMediaType'),
  },
  {
    name: 'bytes that are not UTF-8',
    send: verify(Buffer.from('{"serial":"\xff","code":"755224"}', 'latin1'), json),
    expected: refused(400, 'malformedBody'),
  },
  {
    name: 'nesting without end',
    send: verify('['.repeat(60_000), json),
    expected: refused(400, 'malformedBody'),
  },
  {
    name: 'deep nesting that is closed',
    send: verify(`{"code":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, json),
    expected: invalid('/code', 'wrongType'),
  },
  {
    name: 'a prototype in the body',
    send: verify('{"serial":"FT00000001","code":"755224","__proto__":{"a":1}}', json),
    expected: refused(400, 'malformedBody'),
  },
];
