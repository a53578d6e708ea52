import { gzipSync } from 'node:zlib';
import { SCOPES } from '../../../../server/access/scopes.ts';
import { formatCsv } from '../../../../shared/seed-files/csv-format.ts';
import { formatPskc } from '../../../../shared/seed-files/pskc-writer.ts';
import { type Sent, timeEntry } from '../served.ts';
import { type Case, invalid, json, refused, STOCKED } from './case.ts';

const csv = { 'content-type': 'text/csv' };
const pskc = { 'content-type': 'application/pskc+xml' };
const xml = { 'content-type': 'application/xml' };

const goodPskc = formatPskc([timeEntry('NEW1'), timeEntry('NEW2')]);
const goodLines = formatCsv([timeEntry('NEW1'), timeEntry('NEW2'), timeEntry('NEW3')]).split('\n');
const withLine = (number: number, line: string): string =>
  goodLines.map((text, index) => (index === number - 1 ? line : text)).join('\n');
const seedFile = (headers: Readonly<Record<string, string>>, body: unknown, query = ''): Sent => ({
  path: `/v1/seed-files${query}`,
  headers,
  body,
});

const KEY = 'Fobd-Seed-File-Key';
const keyed = (value: string) => ({ ...pskc, [KEY]: value });
const exported = (body: unknown, headers: Readonly<Record<string, string>> = {}): Sent => ({
  path: '/v1/seed-files/export',
  headers,
  body,
});
const aKey = { [KEY]: `key=${'ab'.repeat(16)}` };

/** Seeds going out: each of these sends none. */
const EXPORTS: readonly Case[] = [
  {
    name: 'an export without a key that does not say plain',
    send: exported({ format: 'pskc' }),
    expected: invalid('/plain', 'required'),
  },
  {
    name: 'an export with a key that says plain',
    send: exported({ format: 'pskc', plain: true }, aKey),
    expected: invalid('/plain', 'oneOf'),
  },
  {
    name: 'an export of CSV with a key',
    send: exported({ format: 'csv' }, aKey),
    expected: invalid('/format', 'notAllowed'),
  },
  {
    name: 'an export with a key of no use',
    send: exported({ format: 'pskc' }, { [KEY]: 'key=abc' }),
    expected: invalid(`/header/${KEY}`, 'badFormat'),
  },
  {
    name: 'an export in no format',
    send: exported({ plain: true }),
    expected: invalid('/format', 'required'),
  },
  {
    name: 'an export in a format that is none',
    send: exported({ format: 'pdf', plain: true }),
    expected: invalid('/format', 'notAllowed'),
  },
  {
    name: 'an export of no serials',
    send: exported({ format: 'csv', plain: true, serials: [] }),
    expected: invalid('/serials', 'required'),
  },
  {
    name: 'an export of too many serials',
    send: exported({ format: 'csv', plain: true, serials: Array(501).fill(STOCKED) }),
    expected: invalid('/serials', 'tooMany'),
  },
  {
    name: 'an export of something that is no serial',
    send: exported({ format: 'csv', plain: true, serials: [STOCKED, '/'] }),
    expected: invalid('/serials/1', 'badFormat'),
  },
  {
    name: 'an export of serials and of a state',
    send: exported({ format: 'csv', plain: true, serials: [STOCKED], state: 'stocked' }),
    expected: invalid('/serials', 'oneOf'),
  },
  {
    name: 'an export of a state that is none',
    send: exported({ format: 'csv', plain: true, state: 'locked' }),
    expected: invalid('/state', 'notAllowed'),
  },
  {
    name: 'an export that says plain as a text',
    send: exported({ format: 'csv', plain: 'true' }),
    expected: invalid('/plain', 'wrongType'),
  },
  {
    name: 'an export of an unknown serial',
    send: exported({ format: 'csv', plain: true, serials: [STOCKED, 'NOWHERE'] }),
    expected: refused(404, 'notFound'),
  },
  {
    name: 'an export by a key that may do all but that',
    send: exported({ format: 'csv', plain: true }),
    scopes: SCOPES.filter((scope) => scope !== 'seed-files:export'),
    expected: refused(403, 'forbidden'),
  },
  {
    name: 'an export by nobody',
    send: exported({ format: 'csv', plain: true }),
    scopes: 'none',
    expected: refused(401, 'unauthenticated'),
  },
];

/** Every one of these leaves nothing behind: the test looks. */
export const SEED_FILES: readonly Case[] = [
  {
    name: 'PSKC that is cut off',
    send: seedFile(pskc, goodPskc.slice(0, goodPskc.lastIndexOf('<KeyPackage>') + 40)),
    expected: invalid('KeyPackage 2', 'truncated'),
  },
  {
    name: 'PSKC with a DTD',
    send: seedFile(pskc, goodPskc.replace('?>', '?><!DOCTYPE KeyContainer SYSTEM "a.dtd">')),
    expected: invalid('line 1', 'doctype'),
  },
  {
    name: 'PSKC with an entity',
    send: seedFile(pskc, goodPskc.replace('>NEW2<', '>&serial;<')),
    expected: invalid('KeyPackage 2', 'entity'),
  },
  {
    name: 'PSKC with a serial twice',
    send: seedFile(pskc, goodPskc.replaceAll('NEW2', 'new 1')),
    expected: invalid('KeyPackage 2/Serial', 'duplicate'),
  },
  {
    name: 'PSKC with a seed of 120 bits',
    send: seedFile(
      pskc,
      goodPskc.replaceAll(/(<Secret><PlainValue>)[^<]+/g, `$1${'A'.repeat(20)}`),
    ),
    expected: invalid('KeyPackage 1/Secret', 'seedTooShort'),
  },
  {
    name: 'PSKC with an unknown algorithm',
    send: seedFile(pskc, goodPskc.replaceAll('pskc:totp', 'pskc:fax')),
    expected: invalid('KeyPackage 1/Algorithm', 'unknownAlgorithm'),
  },
  {
    name: 'CSV with a bad line in the middle',
    send: seedFile(csv, withLine(3, 'NEW2,not-hexadecimal,SHA1,6,30,')),
    expected: invalid('line 3/seed', 'badFormat'),
  },
  {
    name: 'CSV with a serial twice',
    send: seedFile(csv, withLine(4, goodLines[1] ?? '')),
    expected: invalid('line 4/serial', 'duplicate'),
  },
  {
    name: 'CSV that is cut off',
    send: seedFile(csv, goodLines.join('\n').slice(0, -3)),
    expected: invalid('line 4', 'truncated'),
  },
  {
    name: 'a seed file as JSON',
    send: seedFile(json, '{}'),
    expected: refused(415, 'unsupportedMediaType'),
  },
  {
    name: 'a seed file without a media type',
    send: seedFile({}, goodLines.join('\n')),
    expected: refused(415, 'unsupportedMediaType'),
  },
  {
    name: 'a compressed seed file',
    send: seedFile({ ...csv, 'content-encoding': 'gzip' }, gzipSync(goodLines.join('\n'))),
    expected: refused(415, 'unsupportedMediaType'),
  },
  {
    name: 'a seed file that is not UTF-8',
    send: seedFile(csv, Buffer.from(`${goodLines[0]}\nNEW1\xff\n`, 'latin1')),
    expected: refused(400, 'malformedBody'),
  },
  {
    name: 'a dry run that is neither true nor false',
    send: seedFile(csv, goodLines.join('\n'), '?dryRun=maybe'),
    expected: invalid('/query/dryRun', 'notAllowed'),
  },
  {
    name: 'an unknown query parameter',
    send: seedFile(csv, goodLines.join('\n'), '?dry=true'),
    expected: invalid('/query/dry', 'unknownField'),
  },
  {
    name: 'an import in part that is neither true nor false',
    send: seedFile(csv, goodLines.join('\n'), '?partial=1'),
    expected: invalid('/query/partial', 'notAllowed'),
  },
  {
    name: 'a dialect that is none',
    send: seedFile(csv, goodLines.join('\n'), '?dialect=doric'),
    expected: invalid('/query/dialect', 'notAllowed'),
  },
  {
    name: 'a dialect of PSKC',
    send: seedFile(pskc, goodPskc, '?dialect=entra'),
    expected: invalid('/query/dialect', 'notAllowed'),
  },
  {
    name: 'a key header that is neither key nor passphrase',
    send: seedFile(keyed('ab'.repeat(16)), goodPskc),
    expected: invalid(`/header/${KEY}`, 'badFormat'),
  },
  {
    name: 'a key of 136 bits',
    send: seedFile(keyed(`key=${'ab'.repeat(17)}`), goodPskc),
    expected: invalid(`/header/${KEY}`, 'badFormat'),
  },
  {
    name: 'a passphrase that is not percent-encoded',
    send: seedFile(keyed('passphrase=100%'), goodPskc),
    expected: invalid(`/header/${KEY}`, 'badFormat'),
  },
  {
    name: 'an empty passphrase',
    send: seedFile(keyed('passphrase='), goodPskc),
    expected: invalid(`/header/${KEY}`, 'badFormat'),
  },
  {
    name: 'CSV that is said to be XML',
    send: seedFile(xml, goodLines.join('\n')),
    expected: invalid('line 1', 'malformed'),
  },
  {
    name: 'XML that is no seed file',
    send: seedFile(xml, '<?xml version="1.0"?><html><body/></html>'),
    expected: invalid('line 1', 'malformed'),
  },
  {
    name: 'XML with a DTD before what it is',
    send: seedFile(xml, '<!DOCTYPE Tokens [<!ENTITY a "b">]><Tokens>&a;</Tokens>'),
    expected: invalid('line 1', 'doctype'),
  },
  ...EXPORTS,
];
